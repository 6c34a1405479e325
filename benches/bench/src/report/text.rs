//! The text around the tables of the page.

pub const INTRODUCTION: &str = "\
# Performance

How far this webhook is from the least possible work, and how it compares with the usual ones. `make bench` measures all of it
in one run and writes this page; it takes about 20 minutes after the builds, requires two cores to itself, and needs what
`make test` needs. Compare ratios: all servers take turns in the same run, because absolute times on a shared machine vary
several times over. No time is asserted anywhere; the exact counts are, by `make counts` in CI. All figures of the run,
unrounded, are in [performance.json](performance.json).

The reviews are status writes of kubernaut's controllers with `managedFields` on both sides (`benches/bodies`): *nothing* is a
progress pass of a running pipeline, *patch* a run that ends without any condition (three are added), *deny-1* and *deny-5*
a failed run with one and with five faults, *other* a resource that a wrong registration sends. The number is the size in
kilobytes.

All programs are linked statically, as the one of the image (`Dockerfile`) is. wfe-webhook runs with `--log-format json`, as
`deploy/install.yaml` runs it.

";

pub const PROGRAM: &str = "
The program is built with level 2, fat LTO and one codegen unit; libraries that no request passes through are built for size,
as `Cargo.toml` lists them. An earlier program with 26 such libraries was 11 % smaller than with none (10.1 instead of 11.3 MB),
held 2 % more memory when idle, and took 0.6 % more instructions for a review. Level 3 made it 5 % larger (11.9 MB), with 2 % fewer
instructions. By its symbols, a quarter of the code is the part of kube's client that reads kubeconfig files,
which `doctor` and `check` need: YAML, plugins, JSONPath and its regular expressions. Another 1.1 MB are the tables by which a
panic costs one request and not the process.
";

pub const EXACT: &str = "
## From bytes to answer

Instructions of the library, counted by Callgrind, and calls of the allocator: exact, and held to `benches/counts.json` in CI.
The floor is `serde_json`'s `IgnoredAny` over the same bytes: JSON read to its end, nothing kept. The reviews of *1,024
conditions* have as many items as are looked at, in both objects, and just over 1 MiB.

| review and webhook | bytes | floor | instructions | x floor | allocations | bytes allocated | bytes held at most |
|---|---:|---:|---:|---:|---:|---:|---:|
";

pub const SERVERS: &str = "\
* The **null webhook** (`benches/null-webhook`) has the same TLS and HTTP stack with the same settings, reads the body, copies
  the uid and allows: what is above it is the product's own work, with metrics, limits and deadlines on.
* **kube-rs** (`benches/peers/kube-rs`) is the idiom of its examples, `AdmissionReview<DynamicObject>`, rules over
  `serde_json::Value` and `json_patch::diff`, on the same stack.
* **controller-runtime** (`benches/peers/controller-runtime`) is its `Defaulter` and `Validator` over Go types.

The two know the vocabulary `tekton` alone, no suggestions, no renewal of derived conditions and no metrics of conditions:
less work than the product does. Before each load all servers must give the same verdict, the same conditions after the patch
and the same fields of a denial; in the load every answer is compared with the first. Each server has one core and the client
the other one. controller-runtime decodes one kind only, so it does not get *other*.
";

pub const LATENCY: &str = "
## Latency

Microseconds of a review of 8.6 KB (*nothing*, `/validate`) at constant rates over 25 connections, an API server's pool,
counted from the moment at which it was due, not from when it was sent. A server is offered no more than 90 % of what it
answered in the closed loop. Median of the rounds, with the least and the greatest.

![p99 against rate](performance-latency.svg)

| reviews a second | server | p50 | p99 | p99.9 |
|---:|---|---:|---:|---:|
";

pub const WORST: &str = "
## The worst reviews

What one review can cost wfe-webhook: lists of 1,024 conditions, as many as are looked at, broken in several ways and filled
up with long values, and megabytes of other things, in both objects. CPU is that of the whole server for one review, also for
each MiB of its body, where less than 1 MiB counts as 1 MiB. Memory is the most that a fresh server holds beyond what it held
before and beyond the body.

| review and webhook | MiB | CPU ms | ms for each MiB | MiB beyond |
|---|---:|---:|---:|---:|
";

pub const API_SERVER: &str = "
## Through an API server

Milliseconds of a status write of 8.6 KB through a real kube-apiserver with etcd, one after the other from one client, all on
the same two cores: a merge patch of a run's progress; *change*: one that changes a condition while all of them are there;
*end*: a dry run of one that ends a run and has no conditions, of which three are then missing. Webhooks of which no path is
named are both, `/mutate` and `/validate`, called for every write but in the rows *as registered by default* and *both*: there
`matchConditions` leave out what needs no call. The null webhook, registered twice as well, is the least that two calls add;
that of controller-runtime is the least of a webhook in Go.

The policies are what `wfe-webhook generate policies` prints by default, for the vocabulary `auto`, with
`--failure-policy Fail` as all webhooks here; *validating* are those of `--validating-only`. They leave out the same writes by
`matchConditions`, and do less than the webhook: [policies.md](policies.md) says what they hold. Before each turn an unknown
condition type has to be refused, and the end of a run completed, by those that do so.

| registered | p50 | p99 | p50 more | x null twice | change p50 | p50 more | end p50 | p50 more |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
";

pub const LIVES: &str = "
Calls in the life of a run of two minutes with a progress pass every ten seconds, 15 status writes in all. A condition that the
webhook derived follows phase and details at each write, so that both webhooks are called for it:

| the controller sets conditions | called for every write | as registered by default | saved |
|---|---:|---:|---:|
";

pub const CHURN: &str = "
CPU µs of the server for a connection with its handshake and one review. An API server keeps its connections, and opens
further ones only when more calls come at once:

| server | CPU µs |
|---|---:|
";

pub const CONNECTIONS_OPEN: &str = "
Open connections, each of which has had one answer; CPU µs are of a review on eight further ones meanwhile:

| server | open | holds MiB | KiB for each | CPU µs |
|---|---:|---:|---:|---:|
";

pub const NOT_MEASURED: &str = "
## What was not measured

* A real network: all is on the loopback device, so that no figure holds for a cluster's latency.
* More than one core for a server, and clients on other machines.
* Other architectures, other allocators, and musl in the place of glibc.
* p99 and p99.9 mean little on a machine with other work: look at the spread, and at the null webhook beside it.
";
