//! Where a peer connects from, and the lists that say who may.

use std::net::IpAddr;

use crate::error::{Error, ErrorKind, Result};

/// The process at the other end of an ipc connection, as the system tells it: see
/// [`Request::ipc_peer`](super::Request::ipc_peer).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct IpcPeer {
    /// Its user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its process. By the time it is looked at, the number may be another's.
    pub pid: u32,
}

/// The IP address in what libzmq calls the address: none for ipc.
///
/// An IPv4 peer of a socket that speaks IPv6 comes as `::ffff:1.2.3.4`, and a link-local one with
/// its interface behind a `%`.
pub(super) fn ip(address: &str) -> Option<IpAddr> {
    let plain = address.split('%').next().unwrap_or(address);
    plain
        .parse()
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

/// Who is at the other end of ipc, in the form `name:uid:gid:pid`.
pub(super) fn ipc_peer(address: &str) -> Option<IpcPeer> {
    if ip(address).is_some() {
        return None;
    }
    let mut numbers = address.rsplit(':');
    let mut next = || numbers.next()?.parse().ok();
    let (pid, gid, uid) = (next()?, next()?, next()?);
    Some(IpcPeer { uid, gid, pid })
}

/// An address, or all those that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    base: IpAddr,
    prefix: u32,
}

impl Network {
    fn parse(text: &str) -> Result<Network, &'static str> {
        const SHAPE: &str = "an address is an IP address, or one with a prefix such as 10.0.0.0/8";
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let written: IpAddr = address.parse().map_err(|_| SHAPE)?;
        let base = written.to_canonical();
        let width = width(base);
        let longest = self::width(written);
        let prefix = match prefix {
            None => width,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                let bits: u32 = digits.parse().map_err(|_| SHAPE)?;
                // ::ffff:10.0.0.0/104 is 10.0.0.0/8.
                if bits > longest || bits < longest - width {
                    return Err("the prefix does not fit the address");
                }
                bits - (longest - width)
            }
            Some(_) => return Err(SHAPE),
        };
        if bits(base) & !mask(width, prefix) != 0 {
            return Err("the address has bits behind its prefix");
        }
        Ok(Network { base, prefix })
    }

    fn contains(self, address: IpAddr) -> bool {
        let width = width(self.base);
        self::width(address) == width && bits(address) & mask(width, self.prefix) == bits(self.base)
    }
}

fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The first `prefix` of `width` bits.
fn mask(width: u32, prefix: u32) -> u128 {
    let all = u128::MAX >> (128 - width);
    all & !all.checked_shr(prefix).unwrap_or(0)
}

/// Who may connect, by address.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    allowed: Vec<Network>,
    denied: Vec<Network>,
    ipc: bool,
}

/// What the lists say of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    Passes,
    Denied,
    NotAllowed,
}

impl Addresses {
    pub(super) fn allow(&mut self, text: &str) -> Result<()> {
        self.allowed.push(parse(text)?);
        Ok(())
    }

    pub(super) fn deny(&mut self, text: &str) -> Result<()> {
        self.denied.push(parse(text)?);
        Ok(())
    }

    pub(super) fn allow_ipc(&mut self) {
        self.ipc = true;
    }

    pub(super) fn check(&self, address: &str) -> Listed {
        let ip = ip(address);
        let among = |list: &[Network]| {
            ip.is_some_and(|address| list.iter().any(|network| network.contains(address)))
        };
        if among(&self.denied) {
            Listed::Denied
        } else if self.allowed.is_empty() && !self.ipc
            || among(&self.allowed)
            || self.ipc && ip.is_none()
        {
            Listed::Passes
        } else {
            Listed::NotAllowed
        }
    }
}

fn parse(text: &str) -> Result<Network> {
    Network::parse(text).map_err(|reason| {
        Error::own("zmq::auth", ErrorKind::InvalidInput)
            .on(text)
            .because(reason)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(allowed: &[&str], denied: &[&str]) -> Addresses {
        let mut lists = Addresses::default();
        allowed.iter().for_each(|text| lists.allow(text).unwrap());
        denied.iter().for_each(|text| lists.deny(text).unwrap());
        lists
    }

    #[test]
    fn a_network_contains_exactly_the_addresses_of_its_prefix() {
        for (network, inside, outside) in [
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("127.0.0.1/32", "127.0.0.1", "127.0.0.2"),
            ("::1/128", "::1", "::2"),
            ("::ffff:0.0.0.0/96", "1.2.3.4", "::1"),
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.1.2.128/25", "10.1.2.255", "10.1.2.127"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("::/0", "fe80::1%eth0", "1.2.3.4"),
            ("::1", "::1", "::2"),
            ("fe80::/10", "febf::1%3", "fec0::1"),
            ("2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"),
            ("192.168.0.0/16", "::ffff:192.168.9.9", "::192.168.9.9"),
            ("::ffff:10.0.0.0/104", "10.9.9.9", "::a09:909"),
            ("::ffff:1.2.3.4", "1.2.3.4", "1.2.3.5"),
        ] {
            let allowed = lists(&[network], &[]);
            assert_eq!(allowed.check(inside), Listed::Passes, "{network} {inside}");
            assert_eq!(
                allowed.check(outside),
                Listed::NotAllowed,
                "{network} {outside}"
            );
            let denied = lists(&[], &[network]);
            assert_eq!(denied.check(inside), Listed::Denied, "{network} {inside}");
            assert_eq!(denied.check(outside), Listed::Passes, "{network} {outside}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "localhost",
            "1.2.3",
            "1.2.3.4/33",
            "1.2.3.4/-1",
            "10.0.0.0/+8",
            "1.2.3.4/",
            "1.2.3.4/8/8",
            "10.1.2.3/8",
            "::1/129",
            "::1/64",
            "::ffff:10.0.0.0/95",
            "1.2.3.4/99999999999999999999",
            "fe80::1%eth0",
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
            assert_eq!(error.subject(), Some(text));
        }
    }

    #[test]
    fn deny_beats_allow_and_an_allow_list_denies_everybody_else() {
        let lists = lists(&["10.0.0.0/8"], &["10.6.0.0/16"]);
        assert_eq!(lists.check("10.6.6.6"), Listed::Denied);
        assert_eq!(lists.check("10.7.6.6"), Listed::Passes);
        assert_eq!(lists.check("::1"), Listed::NotAllowed);
        assert_eq!(lists.check("localhost:0:0:1"), Listed::NotAllowed);
        assert_eq!(lists.check(""), Listed::NotAllowed);
    }

    #[test]
    fn an_allow_list_lets_ipc_in_where_it_says_so() {
        let mut lists = lists(&["127.0.0.1"], &[]);
        lists.allow_ipc();
        assert_eq!(lists.check("localhost:0:0:1"), Listed::Passes);
        assert_eq!(lists.check("127.0.0.1"), Listed::Passes);
        assert_eq!(lists.check("127.0.0.2"), Listed::NotAllowed);
        let mut ipc_only = Addresses::default();
        ipc_only.allow_ipc();
        assert_eq!(ipc_only.check("127.0.0.1"), Listed::NotAllowed);
    }

    #[test]
    fn an_ipc_peer_is_read_from_the_end() {
        let peer = IpcPeer {
            uid: 1000,
            gid: 100,
            pid: 77,
        };
        assert_eq!(ipc_peer("localhost:1000:100:77"), Some(peer));
        assert_eq!(ipc_peer(":1000:100:77"), Some(peer));
        for none in [
            "",
            "localhost",
            "1:2",
            "127.0.0.1",
            "::1",
            "a:b:c:d",
            "::1:2:3",
        ] {
            assert_eq!(ipc_peer(none), None, "{none}");
        }
    }
}
