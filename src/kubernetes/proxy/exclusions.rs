//! `NO_PROXY`, read as Go's HTTP client reads it, and so kubectl.

use std::net::IpAddr;

/// What is called directly. This machine always is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Exclusions {
    all: bool,
    entries: Vec<Entry>,
}

/// A part of `NO_PROXY`.
#[derive(Debug, PartialEq, Eq)]
enum Entry {
    /// Addresses that begin with these bits.
    Network(IpAddr, u32),
    /// One address, on one port or on all.
    Address(IpAddr, Option<u16>),
    /// Names that end in this one, which begins with a dot; and the name without the dot.
    Domain {
        suffix: String,
        itself: bool,
        port: Option<u16>,
    },
}

impl Exclusions {
    /// Reads the comma-separated list; parts that mean nothing are ignored.
    pub(super) fn parse(text: &str) -> Self {
        let parts = text.split(',').map(|part| part.trim().to_lowercase());
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        Self {
            all: parts.iter().any(|part| part == "*"),
            entries: parts.iter().filter_map(|part| entry(part)).collect(),
        }
    }

    /// Whether this host is called directly.
    pub(super) fn exclude(&self, host: &str, port: u16) -> bool {
        let host = host.trim_matches(['[', ']']).to_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        let here = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        let on_port = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
        let matches = |entry: &Entry| match entry {
            Entry::Network(network, bits) => {
                address.is_some_and(|address| begins_alike(*network, address, *bits))
            }
            Entry::Address(one, wanted) => address == Some(*one) && on_port(wanted),
            Entry::Domain {
                suffix,
                itself,
                port: wanted,
            } => (host.ends_with(suffix) || (*itself && host == suffix[1..])) && on_port(wanted),
        };
        here || self.all || self.entries.iter().any(matches)
    }
}

fn entry(text: &str) -> Option<Entry> {
    if let Some((network, bits)) = text.split_once('/') {
        let (network, bits): (IpAddr, u32) = (network.parse().ok()?, bits.parse().ok()?);
        let longest = if network.is_ipv4() { 32 } else { 128 };
        return (bits <= longest).then_some(Entry::Network(network, bits));
    }
    if let Ok(address) = text.trim_matches(['[', ']']).parse() {
        return Some(Entry::Address(address, None));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (text, None),
    };
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return Some(Entry::Address(address, port));
    }
    let name = host.strip_prefix('*').filter(|rest| rest.starts_with('.'));
    let name = name.unwrap_or(host);
    let itself = !name.starts_with('.');
    let suffix = if itself {
        format!(".{name}")
    } else {
        name.to_owned()
    };
    (suffix.len() > 1).then_some(Entry::Domain {
        suffix,
        itself,
        port,
    })
}

fn begins_alike(network: IpAddr, address: IpAddr, bits: u32) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let difference = u32::from(network) ^ u32::from(address);
            difference.leading_zeros() >= bits
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let difference = u128::from(network) ^ u128::from(address);
            difference.leading_zeros() >= bits
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Exclusions;

    #[rstest]
    #[case::nothing("", "api.example.com", false)]
    #[case::everything("*", "api.example.com", true)]
    #[case::everything_among_others("a.test, *", "api.example.com", true)]
    #[case::name("api.example.com", "api.example.com", true)]
    #[case::upper_case("API.example.COM", "api.Example.com", true)]
    #[case::names_below("example.com", "api.example.com", true)]
    #[case::names_below_alone(".example.com", "example.com", false)]
    #[case::star("*.example.com", "api.example.com", true)]
    #[case::only_an_ending("ample.com", "example.com", false)]
    #[case::another_name("example.org,, ", "api.example.com", false)]
    #[case::port("example.com:6443", "example.com", true)]
    #[case::another_port("example.com:443", "example.com", false)]
    #[case::address("10.1.2.3", "10.1.2.3", true)]
    #[case::address_with_port("10.1.2.3:6443", "10.1.2.3", true)]
    #[case::address_with_another_port("10.1.2.3:443", "10.1.2.3", false)]
    #[case::network("10.0.0.0/8", "10.1.2.3", true)]
    #[case::all_addresses("0.0.0.0/0", "10.1.2.3", true)]
    #[case::another_network("10.2.0.0/16", "10.1.2.3", false)]
    #[case::broken_network("10.0.0.0/33", "10.1.2.3", false)]
    #[case::network_and_a_name("10.0.0.0/8", "ten.example.com", false)]
    #[case::ipv6("[fd00::1]:6443", "[fd00::1]", true)]
    #[case::ipv6_network("fd00::/8", "[fd12::1]", true)]
    #[case::ipv6_and_ipv4("fd00::/8", "10.1.2.3", false)]
    #[case::localhost("", "localhost", true)]
    #[case::loopback("", "127.0.0.2", true)]
    #[case::loopback_of_ipv6("", "[::1]", true)]
    fn a_host_is_excluded_as_by_kubectl(
        #[case] list: &str,
        #[case] host: &str,
        #[case] excluded: bool,
    ) {
        assert_eq!(Exclusions::parse(list).exclude(host, 6443), excluded);
    }
}
