//! What the page says around its tables.

pub const INTRODUCTION: &str = "\
# Performance

How far this webhook is from the least possible work, and how far ahead of the usual ones. `make bench` measures all of it in
one run and writes this page; it takes about a quarter of an hour after the builds, wants two cores to itself, and needs what
`make test` needs. Ratios are what to look at: all servers take turns in the same run, as absolute times on a machine that
others use as well move several times over. Nothing timed is asserted anywhere; the exact counts are, by `make counts` in CI. All
figures of the run, unrounded, are in [performance.json](performance.json).

The reviews are status writes of kubernaut's controllers with `managedFields` on both sides (`benches/bodies`): *nothing* is a
progress pass of a running pipeline, *patch* a run that ends without any condition (three are added), *deny-1* and *deny-5*
a failed run with one and with five faults, *other* a resource that a wrong registration sends. The number is the size in
kilobytes.

All programs are linked statically, as the one of the image (`Dockerfile`) is.

";

pub const PROGRAM: &str = "
The program is larger than aimed at. By its symbols, a quarter of its code (1.5 of 6.4 MB before libc) is the part of kube's
client that reads kubeconfig files, which `doctor` and `check` need: YAML, plugins, JSONPath and its regular expressions. Another
1.1 MB are the tables by which a panic costs one request and not the process. What no request passes through is built for size
already; to build rustls, tokio, hyper and axum for size as well gained 0.16 MB and cost 1.4 % of the server's instructions.
";

pub const EXACT: &str = "
## From bytes to answer

Instructions of the library, counted by Callgrind, and calls of the allocator: exact, and held to `benches/counts.json` in CI.
The floor is `serde_json`'s `IgnoredAny` over the same bytes: JSON read to its end, nothing kept.

| review and webhook | bytes | floor | instructions | x floor | allocations | bytes allocated |
|---|---:|---:|---:|---:|---:|---:|
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
the other one. controller-runtime decodes one kind only, so that it is not asked about *other*.
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

pub const API_SERVER: &str = "
## Through an API server

Milliseconds of a status write (a merge patch of the progress of a run of 8.6 KB) through a real kube-apiserver with etcd, one
after the other from one client, all on the same two cores. Webhooks are both, `/mutate` and `/validate`. The policy has what
can be said of the rules in CEL (`benches/bench/src/policy.yaml`): known types, no type twice, CamelCase, reasons by type and
status, the phase table, phase transitions, details by phase. It has no completion, no suggestions, no words on all faults at
once with their fields, no ratchet, no clock, and no second vocabulary.

| registered | p50 | p99 | p50 more |
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
