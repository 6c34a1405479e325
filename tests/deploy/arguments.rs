//! The Deployment's arguments, read by the program's own command line.

use clap::Parser as _;
use wfe_webhook::cli::serve::ServeArgs;
use wfe_webhook::cli::{Cli, Command};

use crate::manifests::{container, pod_spec};

fn serve_args() -> ServeArgs {
    let args = container().args.unwrap();
    let program = "wfe-webhook".to_owned();
    match Cli::try_parse_from([program].into_iter().chain(args)) {
        Ok(Cli {
            command: Command::Serve(args),
        }) => *args,
        Ok(other) => panic!("not serve: {other:?}"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_program_accepts_them_and_serves_the_mounted_certificate() {
    let tls = serve_args().tls;
    let files = [tls.tls_cert.unwrap(), tls.tls_key.unwrap()];
    assert_eq!(
        files.map(|file| file.display().to_string()),
        ["/tls/tls.crt", "/tls/tls.key"]
    );
}

#[test]
fn the_container_has_the_ports_that_the_program_listens_on() {
    let args = serve_args();
    let ports = container().ports.unwrap();
    let port = |name: &str| {
        let port = ports.iter().find(|port| port.name.as_deref() == Some(name));
        u16::try_from(port.unwrap().container_port).unwrap()
    };
    assert_eq!(args.listen.port(), port("https"));
    assert_eq!(args.admin_listen.port(), port("admin"));
    assert!(args.listen.ip().is_unspecified() && args.admin_listen.ip().is_unspecified());
}

#[test]
fn the_grace_period_is_longer_than_the_drain() {
    let args = serve_args();
    let grace = pod_spec().termination_grace_period_seconds.unwrap();
    let drain = args.drain_delay + args.drain_timeout;
    // An overloaded cluster took 6 s to take the endpoint away.
    assert_eq!(args.drain_delay.as_secs(), 15);
    assert!(
        drain.as_secs() < grace.unsigned_abs(),
        "{drain:?} of {grace} s"
    );
}
