use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointSlice};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use rstest::rstest;

use super::super::configuration::{Configuration, Hook, find};
use super::super::kinds::{self, Kind, Version};
use super::super::line::Level::{self, Ok, Warning, Wrong};
use super::super::{Options, failure, registered, service, target};
use super::{assert_line, registration};
use crate::admission::Webhook;
use crate::registration::FailurePolicy::{self, Fail, Ignore};
use crate::vocabulary::GROUPS;

fn both_kinds() -> Vec<Kind> {
    GROUPS
        .map(|group| Kind {
            group,
            versions: vec![Version {
                name: "v1alpha1".to_owned(),
                status: true,
                conditions: true,
            }],
        })
        .to_vec()
}

fn checked(change: impl FnOnce(&mut Hook, &mut Hook)) -> Vec<super::Line> {
    let [mut mutating, mut validating] = registration(None);
    change(&mut mutating.hooks[0], &mut validating.hooks[0]);
    let all = [mutating, validating];
    let hooks = all.iter().flat_map(|configuration| &configuration.hooks);
    hooks
        .flat_map(|hook| registered::check(hook, &all, &both_kinds()))
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
#[case::path(Wrong, "/ is called, and it is /validate", |_: &mut Hook, v: &mut Hook| v.client.service.as_mut().unwrap().path = None)]
#[case::swapped(Wrong, "/validate is called, and it is /mutate", |m: &mut Hook, _: &mut Hook| m.client.service.as_mut().unwrap().path = Some("/validate".into()))]
#[case::version(Wrong, "admissionReviewVersions is v1beta1", |m: &mut Hook, _: &mut Hook| m.versions = vec!["v1beta1".into()])]
#[case::no_rules(Wrong, "no rule matches status writes of workflowexecution.kubernaut.ai/v1alpha1, kubernaut.ai/v1alpha1", |m: &mut Hook, _: &mut Hook| m.rules.clear())]
#[case::one_group(Wrong, "no rule matches status writes of kubernaut.ai/v1alpha1", |m: &mut Hook, _: &mut Hook| m.rules[0].api_groups = Some(vec![GROUPS[0].into()]))]
#[case::old_version(Wrong, "no rule matches status writes of", |m: &mut Hook, _: &mut Hook| m.rules[0].api_versions = Some(vec!["v1".into()]))]
#[case::main_resource(Wrong, "no rule matches status writes of", |m: &mut Hook, _: &mut Hook| m.rules[0].resources = Some(vec!["workflowexecutions".into()]))]
#[case::operation(Wrong, "no rule matches status writes of", |m: &mut Hook, _: &mut Hook| m.rules[0].operations = Some(vec!["CREATE".into()]))]
#[case::scope(Wrong, "no rule matches status writes of", |m: &mut Hook, _: &mut Hook| m.rules[0].scope = Some("Cluster".into()))]
#[case::wide(Warning, "apiGroups and resources of the rules match more", |m: &mut Hook, _: &mut Hook| {
    m.rules[0].api_groups = Some(vec!["*".into()]);
    m.rules[0].resources = Some(vec!["*/*".into()]);
})]
#[case::wide_and_strict(Wrong, "operations of the rules match more", |_: &mut Hook, v: &mut Hook| {
    v.rules[0].operations = Some(vec!["*".into()]);
    v.failure_policy = Fail;
})]
#[case::selector(Warning, "objectSelector leaves writes out", |m: &mut Hook, _: &mut Hook| m.selectors = vec!["objectSelector"])]
#[case::short(Warning, "timeoutSeconds: 1", |_: &mut Hook, v: &mut Hook| v.timeout = 1)]
#[case::long(Warning, "timeoutSeconds: 30", |_: &mut Hook, v: &mut Hook| v.timeout = 30)]
#[case::never(Warning, "reinvocationPolicy: Never", |m: &mut Hook, _: &mut Hook| m.reinvocation_policy = None)]
#[case::same_name(Warning, "is not its own: the validating configuration wfe-webhook", |m: &mut Hook, v: &mut Hook| m.name.clone_from(&v.name))]
#[case::kubernauts_name(Warning, "kubernaut's own webhook has it", |m: &mut Hook, _: &mut Hook| m.name = "workflowexecution.mutate.kubernaut.ai".into())]
fn a_field_that_does_not_fit_is_told(
    #[case] level: Level,
    #[case] words: &str,
    #[case] change: Change,
) {
    let lines = checked(change);
    let line = lines.iter().find(|line| line.to_string().contains(words));
    let line = line.unwrap_or_else(|| panic!("no line has {words:?}: {lines:#?}"));
    assert_line(line, level, words);
}

#[test]
fn a_group_whose_crd_may_still_come_is_no_fault_yet() {
    let [mutating, _] = registration(None);
    let mut hook = mutating.hooks[0].clone();
    hook.rules[0].api_groups = Some(vec![GROUPS[1].into()]);
    let lines = registered::check(&hook, &[mutating], &both_kinds()[1..]);
    let rules = lines.iter().find(|line| line.about == "mutating rules");
    assert_line(
        rules.unwrap(),
        Warning,
        "the group workflowexecution.kubernaut.ai: should its CRD come",
    );
}

#[rstest]
#[case::missing("other", "there is no other; wfe-webhook seems to be it", |_: &mut _| ())]
#[case::empty("wfe-webhook", "has no webhooks", |c: &mut Configuration| c.hooks.clear())]
#[case::nothing_like_it("other", "there is no other, so no write is seen", |c: &mut Configuration| c.hooks[0].rules.clear())]
fn a_configuration_that_is_not_there_is_told(
    #[case] name: &str,
    #[case] words: &str,
    #[case] change: fn(&mut Configuration),
) {
    let mut all = registration(None);
    change(&mut all[0]);
    let line = find(&all, Webhook::Mutate, name).unwrap_err();
    assert_line(&line, Wrong, words);
}

#[rstest]
#[case(Ignore, Ok, true, Some(2), Ok, "Fail would be safe now")]
#[case(
    Ignore,
    Warning,
    true,
    Some(1),
    Ok,
    "Fail would not be safe, since 1 replica answers"
)]
#[case(Ignore, Ok, true, None, Ok, "how many replicas answer is not known")]
#[case(Ignore, Ok, false, Some(2), Ok, "whether it answers was not seen")]
#[case(Ignore, Wrong, true, Some(2), Ok, "something is wrong with it")]
#[case(Fail, Ok, true, Some(2), Ok, "several do")]
#[case(Fail, Ok, true, Some(1), Warning, "Fail is not safe")]
#[case(Fail, Ok, false, Some(2), Warning, "whether it answers was not seen")]
#[case(
    Fail,
    Wrong,
    false,
    Some(2),
    Wrong,
    "every status write is refused while the call fails"
)]
fn a_failure_policy_is_judged_by_the_rest(
    #[case] policy: FailurePolicy,
    #[case] worst: Level,
    #[case] answered: bool,
    #[case] ready: Option<usize>,
    #[case] level: Level,
    #[case] words: &str,
) {
    let [_, validating] = registration(None);
    let mut hook = validating.hooks[0].clone();
    hook.failure_policy = policy;
    assert_line(&failure::check(&hook, worst, answered, ready), level, words);
}

#[test]
fn a_mutating_webhook_that_fails_writes_is_warned_of() {
    let [mutating, _] = registration(None);
    let mut hook = mutating.hooks[0].clone();
    hook.failure_policy = Fail;
    let line = failure::check(&hook, Ok, true, Some(3));
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
#[case::no_status(Wrong, "v1alpha1 has no status subresource", |crd: &mut CustomResourceDefinition| crd.spec.versions[0].subresources = None)]
#[case::no_schema(Wrong, "has no status.conditions", |crd: &mut CustomResourceDefinition| crd.spec.versions[0].schema = None)]
fn a_crd_must_have_a_status_with_conditions(
    #[case] level: Level,
    #[case] words: &str,
    #[case] change: fn(&mut CustomResourceDefinition),
) {
    let mut crd = crd();
    change(&mut crd);
    let lines = kinds::check(&[kinds::kind(GROUPS[1], &crd)]);
    assert_eq!(lines.len(), 2, "one line for each group");
    assert_line(&lines[0], Ok, "not in the cluster; the other group is");
    assert_line(&lines[1], level, words);
}

#[test]
fn no_crd_at_all_is_wrong() {
    assert_line(&kinds::check(&[])[0], Wrong, "there is nothing to judge");
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

fn slice(ready: &[bool]) -> EndpointSlice {
    let endpoint = |&ready: &bool| Endpoint {
        conditions: Some(EndpointConditions {
            ready: Some(ready),
            ..EndpointConditions::default()
        }),
        ..Endpoint::default()
    };
    EndpointSlice {
        endpoints: ready.iter().map(endpoint).collect(),
        ..EndpointSlice::default()
    }
}

#[rstest]
#[case::missing(None, Some(vec![]), Wrong, "does not exist", Some(0))]
#[case::port(Some(service(8443)), Some(vec![]), Wrong, "has no port 443, but 8443", Some(0))]
#[case::nobody(Some(service(443)), Some(vec![slice(&[false])]), Wrong, "no replica is ready", Some(0))]
#[case::unreadable(Some(service(443)), None, Warning, "could not be read", None)]
#[case::one(Some(service(443)), Some(vec![slice(&[true, false])]), Ok, "1 replica is ready", Some(1))]
#[case::several(Some(service(443)), Some(vec![slice(&[true]), slice(&[true])]), Ok, "2 replicas are ready", Some(2))]
fn a_service_must_lead_to_ready_replicas(
    #[case] there: Option<Service>,
    #[case] slices: Option<Vec<EndpointSlice>>,
    #[case] level: Level,
    #[case] words: &str,
    #[case] ready: Option<usize>,
) {
    let [mutating, _] = registration(None);
    let target = target::target(&mutating.hooks[0].client).unwrap();
    assert_eq!(target.host, "wfe-webhook.wfe-webhook.svc");
    let (line, counted) = service::check(&target, there.as_ref(), slices.as_deref());
    assert_line(&line, level, words);
    assert_eq!(counted, ready);
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
    let endpoint = crate::registration::Endpoint::from_service(registered)
        .or_else(|_| crate::registration::Endpoint::from_url(registered))
        .unwrap();
    let target = target::target(&endpoint.client_config(Webhook::Mutate)).unwrap();
    let options = Options {
        address: given.map(str::to_owned),
        in_cluster,
        ..Options::default()
    };
    assert_eq!(target.address(&options).as_deref(), address);
}
