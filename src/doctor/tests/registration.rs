use k8s_openapi::api::admissionregistration::v1::MutatingWebhookConfiguration;
use k8s_openapi::api::core::v1::{ObjectReference, Service, ServicePort, ServiceSpec};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointSlice};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSON,
};
use rstest::rstest;
use serde_json::json;

use super::super::configuration::{Hook, Registered, find};
use super::super::crds::{self, Crd, Version};
use super::super::line::Level::{self, Error, Ok, Warning};
use super::super::{Options, failure, registered, service, target};
use super::{assert_line, registration};
use crate::admission::Webhook;
use crate::kubernetes::WebhookConfiguration;
use crate::match_conditions;
use crate::policy::VocabularyChoice;
use crate::registration::FailurePolicy::{self, Fail, Ignore};
use crate::vocabulary::GROUPS;

fn both_crds() -> Vec<Crd> {
    GROUPS
        .map(|group| Crd {
            group,
            versions: vec![Version {
                name: "v1alpha1".to_owned(),
                status: true,
                conditions: true,
                unknown: Vec::new(),
            }],
        })
        .to_vec()
}

fn checked(change: impl FnOnce(&mut Hook, &mut Hook)) -> Vec<super::CheckLine> {
    let [mut mutating, mut validating] = registration(None);
    change(&mut mutating.hooks[0], &mut validating.hooks[0]);
    let all = [mutating, validating];
    let hooks = all.iter().flat_map(|configuration| &configuration.hooks);
    hooks
        .flat_map(|hook| registered::check(hook, &all, &both_crds()))
        .collect()
}

#[test]
fn what_generate_prints_is_fine() {
    for line in checked(|_, _| ()) {
        assert_eq!(line.level, Ok, "{line}");
    }
}

type Change = fn(&mut Hook, &mut Hook);

#[rstest]
#[case::path(Error, "/ is called, and the webhook answers at /validate", |_: &mut Hook, v: &mut Hook| v.client.service.as_mut().unwrap().path = None)]
#[case::swapped(Error, "/validate is called, and the webhook answers at /mutate", |m: &mut Hook, _: &mut Hook| m.client.service.as_mut().unwrap().path = Some("/validate".into()))]
#[case::version(Error, "admissionReviewVersions is v1beta1", |m: &mut Hook, _: &mut Hook| m.versions = vec!["v1beta1".into()])]
#[case::no_rules(Error, "no rule matches status writes of workflowexecution.kubernaut.ai/v1alpha1, kubernaut.ai/v1alpha1", |m: &mut Hook, _: &mut Hook| m.rules.clear())]
#[case::one_group(Error, "no rule matches status writes of kubernaut.ai/v1alpha1", |m: &mut Hook, _: &mut Hook| m.rules[0].api_groups = Some(vec![GROUPS[0].into()]))]
#[case::old_version(Error, "no rule matches status writes of", |m: &mut Hook, _: &mut Hook| m.rules[0].api_versions = Some(vec!["v1".into()]))]
#[case::main_resource(Error, "no rule matches status writes of", |m: &mut Hook, _: &mut Hook| m.rules[0].resources = Some(vec!["workflowexecutions".into()]))]
#[case::operation(Error, "no rule matches status writes of", |m: &mut Hook, _: &mut Hook| m.rules[0].operations = Some(vec!["CREATE".into()]))]
#[case::scope(Error, "no rule matches status writes of", |m: &mut Hook, _: &mut Hook| m.rules[0].scope = Some("Cluster".into()))]
#[case::wide(Warning, "apiGroups and resources of the rules match more", |m: &mut Hook, _: &mut Hook| {
    m.rules[0].api_groups = Some(vec!["*".into()]);
    m.rules[0].resources = Some(vec!["*/*".into()]);
})]
#[case::wide_and_strict(Error, "operations of the rules match more", |_: &mut Hook, v: &mut Hook| {
    v.rules[0].operations = Some(vec!["*".into()]);
    v.failure_policy = Fail;
})]
#[case::selector(Warning, "objectSelector excludes writes", |m: &mut Hook, _: &mut Hook| m.selectors = vec!["objectSelector"])]
#[case::conditions_of_another_version(Warning, "validating matchConditions: something-to-say is not this version's", |_: &mut Hook, v: &mut Hook| v.conditions[0].expression = "false".into())]
#[case::conditions_of_the_other_webhook(Warning, "mutating matchConditions: something-to-say is not this version's", |m: &mut Hook, v: &mut Hook| m.conditions.clone_from(&v.conditions))]
#[case::short(Warning, "timeoutSeconds: 1", |_: &mut Hook, v: &mut Hook| v.timeout = 1)]
#[case::long(Warning, "timeoutSeconds: 30", |_: &mut Hook, v: &mut Hook| v.timeout = 30)]
#[case::never(Warning, "reinvocationPolicy: Never", |m: &mut Hook, _: &mut Hook| m.reinvocation_policy = None)]
#[case::same_name(Warning, "is not its own: the validating configuration wfe-webhook", |m: &mut Hook, v: &mut Hook| m.name.clone_from(&v.name))]
#[case::kubernauts_name(Warning, "kubernaut's own webhook has it", |m: &mut Hook, _: &mut Hook| m.name = "workflowexecution.mutate.kubernaut.ai".into())]
fn a_field_that_does_not_fit_is_reported(
    #[case] level: Level,
    #[case] words: &str,
    #[case] change: Change,
) {
    let lines = checked(change);
    let line = lines.iter().find(|line| line.to_string().contains(words));
    let line = line.unwrap_or_else(|| panic!("no line has {words:?}: {lines:#?}"));
    assert_line(line, level, words);
}

#[rstest]
#[case::none("mutating matchConditions: every write is sent", |m: &mut Hook, _: &mut Hook| m.conditions.clear())]
#[case::of_a_pinned_vocabulary("by a server with --vocabulary tekton", |m: &mut Hook, _: &mut Hook| {
    m.conditions[0].expression = match_conditions::expression(Webhook::Mutate, VocabularyChoice::Tekton);
})]
#[case::trimmed_by_a_tool("mutating matchConditions: writes are left out where nothing is to say", |m: &mut Hook, _: &mut Hook| {
    m.conditions[0].expression.push('\n');
})]
fn what_is_left_out_is_told(#[case] words: &str, #[case] change: Change) {
    let lines = checked(change);
    let line = lines.iter().find(|line| line.to_string().contains(words));
    let line = line.unwrap_or_else(|| panic!("no line has {words:?}: {lines:#?}"));
    assert_line(line, Ok, words);
}

/// API servers call configurations in the order of their names, and call again only what they called before.
#[rstest]
#[case::earlier("authwebhook-mutating", None)]
#[case::later("x-mutating", Some("x-mutating is called later"))]
fn a_mutating_webhook_that_comes_later_is_reported(
    #[case] name: &str,
    #[case] words: Option<&str>,
) {
    let [mutating, validating] = registration(None);
    let mut other = mutating.clone();
    other.name = name.to_owned();
    other.hooks[0].name = "other.example.com".to_owned();
    let hook = mutating.hooks[0].clone();
    let lines = registered::check(&hook, &[mutating, validating, other], &both_crds());
    let line = lines
        .iter()
        .find(|line| line.about == "mutating matchConditions");
    let level = if words.is_some() { Warning } else { Ok };
    assert_line(line.unwrap(), level, words.unwrap_or_default());
}

#[rstest]
#[case::ours("something-to-say", false)]
#[case::foreign("not-a-copy", true)]
fn conditions_of_others_exclude_writes(#[case] name: &str, #[case] excludes: bool) {
    let condition = json!({"name": name, "expression": "true"});
    let configuration: MutatingWebhookConfiguration = serde_json::from_value(json!({
        "webhooks": [{"name": "x", "admissionReviewVersions": [], "clientConfig": {}, "sideEffects": "None",
            "matchConditions": [condition]}],
    }))
    .unwrap();
    let registered = Registered::from(WebhookConfiguration::from(configuration));
    let selectors = &registered.hooks[0].selectors;
    assert_eq!(selectors.contains(&"matchConditions"), excludes);
}

#[test]
fn a_group_whose_crd_may_still_come_is_no_fault_yet() {
    let [mutating, _] = registration(None);
    let mut hook = mutating.hooks[0].clone();
    hook.rules[0].api_groups = Some(vec![GROUPS[1].into()]);
    let lines = registered::check(&hook, &[mutating], &both_crds()[1..]);
    let rules = lines.iter().find(|line| line.about == "mutating rules");
    assert_line(
        rules.unwrap(),
        Warning,
        "the group workflowexecution.kubernaut.ai: when its CRD is installed",
    );
}

#[rstest]
#[case::missing("other", "there is no other; wfe-webhook seems to be it", |_: &mut _| ())]
#[case::empty("wfe-webhook", "has no webhooks", |c: &mut Registered| c.hooks.clear())]
#[case::nothing_like_it("other", "there is no other, so no write is seen", |c: &mut Registered| c.hooks[0].rules.clear())]
fn a_missing_configuration_is_reported(
    #[case] name: &str,
    #[case] words: &str,
    #[case] change: fn(&mut Registered),
) {
    let mut all = registration(None);
    change(&mut all[0]);
    let line = find(&all, Webhook::Mutate, name).unwrap_err();
    assert_line(&line, Error, words);
}

#[rstest]
#[case(Ignore, Ok, true, Some((2, false)), Ok, "Fail would be safe now")]
#[case(
    Ignore,
    Warning,
    true,
    Some((1, false)),
    Ok,
    "Fail would not be safe, since 1 replica answers"
)]
#[case(Ignore, Ok, true, None, Ok, "how many replicas answer is not known")]
#[case(Ignore, Ok, false, Some((2, false)), Ok, "whether it answers is not known")]
#[case(Ignore, Warning, true, Some((2, true)), Ok, "Fail would not be safe, since all replicas run on one node")]
#[case(Fail, Warning, true, Some((2, true)), Warning, "Fail is not safe: every status write is refused while no replica answers, and all replicas run on one node")]
#[case(Ignore, Error, true, Some((2, false)), Ok, "it has an error")]
#[case(Fail, Ok, true, Some((2, false)), Ok, "several do")]
#[case(Fail, Ok, true, Some((1, false)), Warning, "Fail is not safe")]
#[case(Fail, Ok, false, Some((2, false)), Warning, "whether it answers is not known")]
#[case(
    Fail,
    Error,
    false,
    Some((2, false)),
    Error,
    "every status write is refused while the call fails"
)]
fn a_failure_policy_is_judged_by_the_rest(
    #[case] policy: FailurePolicy,
    #[case] worst: Level,
    #[case] answered: bool,
    #[case] ready: Option<(usize, bool)>,
    #[case] level: Level,
    #[case] words: &str,
) {
    let [_, validating] = registration(None);
    let mut hook = validating.hooks[0].clone();
    hook.failure_policy = policy;
    assert_line(
        &failure::check(&hook, worst, answered, ready.map(replicas)),
        level,
        words,
    );
}

#[test]
fn a_mutating_webhook_that_fails_writes_is_a_warning() {
    let [mutating, _] = registration(None);
    let mut hook = mutating.hooks[0].clone();
    hook.failure_policy = Fail;
    let line = failure::check(&hook, Ok, true, Some(replicas((3, false))));
    assert_line(
        &line,
        Warning,
        "for a completion that the next write would bring",
    );
}

fn crd() -> CustomResourceDefinition {
    let text = include_str!("../../../tests/fixtures/crd-kubernaut.ai.yaml");
    serde_saphyr::from_str(text).unwrap()
}

#[rstest]
#[case::fine(Ok, "v1alpha1 with the status subresource", |_: &mut _| ())]
#[case::no_status(Error, "v1alpha1 has no status subresource", |crd: &mut CustomResourceDefinition| crd.spec.versions[0].subresources = None)]
#[case::no_schema(Error, "has no status.conditions", |crd: &mut CustomResourceDefinition| crd.spec.versions[0].schema = None)]
fn a_crd_must_have_a_status_with_conditions(
    #[case] level: Level,
    #[case] words: &str,
    #[case] change: fn(&mut CustomResourceDefinition),
) {
    let mut crd = crd();
    change(&mut crd);
    let lines = crds::check(&[crds::read(GROUPS[1], &crd)]);
    assert_eq!(lines.len(), 2, "one line for each group");
    assert_line(&lines[0], Ok, "not in the cluster; the other group is");
    assert_line(&lines[1], level, words);
}

/// The enum at this path below `status`, which the fixture may not have yet.
fn allow(crd: &mut CustomResourceDefinition, path: &[&str], value: &str) {
    let version = &mut crd.spec.versions[0];
    let schema = version.schema.as_mut().unwrap();
    let mut schema = schema.open_api_v3_schema.as_mut().unwrap();
    for name in std::iter::once(&"status").chain(path) {
        let properties = schema.properties.get_or_insert_default();
        schema = properties.entry((*name).to_owned()).or_default();
    }
    let members = schema.enum_.get_or_insert_default();
    members.push(JSON(json!(value)));
}

#[rstest]
#[case::phase(&["phase"], "Paused", 0, "status.phase: v1alpha1 allows Paused, which this version of wfe-webhook does not know")]
#[case::failure_reason(&["failureDetails", "reason"], "NodeLost", 1, "such as --extra-reason ExecutionComplete=NodeLost")]
#[case::failure_reason_of_the_first_group(&["failureDetails", "reason"], "NodeLost", 0, "such as --extra-reason TektonPipelineComplete=NodeLost")]
#[case::skip_reason(&["skipDetails", "reason"], "QuotaWait", 0, "such as --extra-reason ResourceLocked=QuotaWait")]
fn a_value_that_this_version_does_not_know_is_a_warning(
    #[case] path: &[&str],
    #[case] value: &str,
    #[case] group: usize,
    #[case] words: &str,
) {
    let mut crd = crd();
    allow(&mut crd, path, value);
    let lines = crds::check(&[crds::read(GROUPS[group], &crd)]);
    let line = lines.iter().find(|line| line.about.contains(" status."));
    assert_line(line.unwrap(), Warning, words);
    assert_eq!(lines.len(), 3, "{lines:#?}");
}

#[rstest]
#[case::phase(&["phase"], "")]
#[case::failure_reason(&["failureDetails", "reason"], "Deduplicated")]
fn a_value_that_it_knows_is_no_warning(#[case] path: &[&str], #[case] value: &str) {
    let mut crd = crd();
    allow(&mut crd, path, value);
    assert_eq!(crds::check(&[crds::read(GROUPS[1], &crd)]).len(), 2);
}

/// One pod in the slices of both IP families.
#[test]
fn a_replica_with_two_addresses_counts_once() {
    let mut slice = slice(&[true]);
    slice.endpoints.as_mut().unwrap()[0].target_ref = Some(ObjectReference {
        name: Some("wfe-webhook-1".to_owned()),
        ..ObjectReference::default()
    });
    let [mutating, _] = registration(None);
    let target = target::target(&mutating.hooks[0].client).unwrap();
    let slices = [slice.clone(), slice];
    let (_, counted) = service::check(&target, Some(&service(443)), Some(&slices));
    assert_eq!(counted, Some(replicas((1, false))));
}

#[test]
fn no_crd_at_all_is_an_error() {
    assert_line(&crds::check(&[])[0], Error, "there is nothing to judge");
}

fn service(port: i32) -> Service {
    Service {
        spec: Some(ServiceSpec {
            ports: Some(vec![ServicePort {
                port,
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

/// A slice of endpoints, each ready or not, on nodes of these names.
fn slice(ready: &[bool]) -> EndpointSlice {
    slice_on(&ready.iter().map(|&ready| (ready, None)).collect::<Vec<_>>())
}

fn replicas((count, on_one_node): (usize, bool)) -> service::Replicas {
    service::Replicas { count, on_one_node }
}

fn slice_on(ready: &[(bool, Option<&str>)]) -> EndpointSlice {
    let endpoint = |&(ready, node): &(bool, Option<&str>)| Endpoint {
        conditions: Some(EndpointConditions {
            ready: Some(ready),
            ..EndpointConditions::default()
        }),
        node_name: node.map(str::to_owned),
        ..Endpoint::default()
    };
    EndpointSlice {
        endpoints: Some(ready.iter().map(endpoint).collect()),
        ..EndpointSlice::default()
    }
}

#[rstest]
#[case::missing(None, Some(vec![]), Error, "does not exist", Some((0, false)))]
#[case::port(Some(service(8443)), Some(vec![]), Error, "has no port 443, but 8443", Some((0, false)))]
#[case::none_ready(Some(service(443)), Some(vec![slice(&[false])]), Error, "no replica is ready", Some((0, false)))]
#[case::unreadable(Some(service(443)), None, Warning, "could not be read", None)]
#[case::one(Some(service(443)), Some(vec![slice(&[true, false])]), Ok, "1 replica is ready", Some((1, false)))]
#[case::several(Some(service(443)), Some(vec![slice(&[true]), slice(&[true])]), Ok, "2 replicas are ready", Some((2, false)))]
#[case::apart(Some(service(443)), Some(vec![slice_on(&[(true, Some("a")), (true, Some("b"))])]), Ok, "2 replicas are ready", Some((2, false)))]
#[case::together(Some(service(443)), Some(vec![slice_on(&[(true, Some("a")), (true, Some("a"))])]), Warning, "2 replicas are ready, all on the node a: none answers while it is down", Some((2, true)))]
#[case::ready_together(Some(service(443)), Some(vec![slice_on(&[(true, Some("a")), (true, Some("a")), (false, Some("b"))])]), Warning, "all on the node a", Some((2, true)))]
#[case::one_node_unknown(Some(service(443)), Some(vec![slice_on(&[(true, Some("a")), (true, None)])]), Ok, "2 replicas are ready", Some((2, false)))]
#[case::alone(Some(service(443)), Some(vec![slice_on(&[(true, Some("a"))])]), Ok, "1 replica is ready", Some((1, false)))]
fn a_service_must_lead_to_ready_replicas(
    #[case] there: Option<Service>,
    #[case] slices: Option<Vec<EndpointSlice>>,
    #[case] level: Level,
    #[case] words: &str,
    #[case] ready: Option<(usize, bool)>,
) {
    let [mutating, _] = registration(None);
    let target = target::target(&mutating.hooks[0].client).unwrap();
    assert_eq!(target.host, "wfe-webhook.wfe-webhook.svc");
    let (line, counted) = service::check(&target, there.as_ref(), slices.as_deref());
    assert_line(&line, level, words);
    assert_eq!(counted, ready.map(replicas));
}

const SERVICE: &str = "wfe-webhook/wfe-webhook:8443";

#[rstest]
#[case::in_cluster(SERVICE, None, true, Some("wfe-webhook.wfe-webhook.svc:8443"))]
#[case::from_outside(SERVICE, None, false, None)]
#[case::forwarded(SERVICE, Some("localhost:9"), false, Some("localhost:9"))]
#[case::forwarded_in_cluster(SERVICE, Some("localhost:9"), true, Some("localhost:9"))]
#[case::by_name("https://a.example.com", None, false, Some("a.example.com:443"))]
#[case::by_port(
    "https://a.example.com:8443/hooks",
    None,
    false,
    Some("a.example.com:8443")
)]
#[case::by_ipv6("https://[::1]:8443", None, false, Some("[::1]:8443"))]
fn the_server_is_asked_where_it_can_be_reached(
    #[case] registered: &str,
    #[case] given: Option<&str>,
    #[case] in_cluster: bool,
    #[case] address: Option<&str>,
) {
    let endpoint = crate::registration::WebhookAddress::from_service(registered)
        .or_else(|_| crate::registration::WebhookAddress::from_url(registered))
        .unwrap();
    let target = target::target(&endpoint.client_config(Webhook::Mutate)).unwrap();
    let options = Options {
        address: given.map(str::to_owned),
        in_cluster,
        ..Options::default()
    };
    assert_eq!(target.address(&options).as_deref(), address);
}
