//! `cidrhost` and its like: arithmetic on addresses and prefixes.

use std::net::{Ipv4Addr, Ipv6Addr};

use dashu_int::IBig;
use dashu_int::ops::Abs as _;

use super::{Call, FunctionError, Outcome, integer};
use crate::value::{Number, Type, Value};

/// An address: 32 or 128 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Address {
    bits: u128,
    length: u32,
}

/// A network: its address has no bits behind the prefix.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Network {
    address: Address,
    prefix: u32,
}

impl Address {
    /// As Go wrote addresses before it became strict: leading zeros are decimal.
    fn parse(text: &str) -> Option<Self> {
        let v4 = || {
            Some(Self {
                bits: u128::from(parse_v4(text)?),
                length: 32,
            })
        };
        let v6 = || {
            Some(Self {
                bits: u128::from(parse_v6(text)?),
                length: 128,
            })
        };
        if text.contains(':') { v6() } else { v4() }
    }

    fn masked(self, prefix: u32) -> Self {
        Self {
            bits: self.bits & self.mask(prefix),
            ..self
        }
    }

    fn all(self) -> u128 {
        u128::MAX >> (128 - self.length)
    }

    fn mask(self, prefix: u32) -> u128 {
        let host = self.length.saturating_sub(prefix);
        self.all() & u128::MAX.checked_shl(host).unwrap_or(0)
    }

    /// An IPv4 address mapped into IPv6 is shown, and treated, as IPv4.
    fn is_v4(self) -> bool {
        self.length == 32 || self.bits >> 32 == 0xFFFF
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_v4() {
            let low = u32::try_from(self.bits & 0xFFFF_FFFF).expect("32 bits");
            Ipv4Addr::from(low).fmt(f)
        } else {
            Ipv6Addr::from(self.bits).fmt(f)
        }
    }
}

fn parse_v4(text: &str) -> Option<u32> {
    let mut octets = [0u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        *octet = part.parse().ok().filter(|_| digits)?;
    }
    parts.next().is_none().then(|| u32::from_be_bytes(octets))
}

fn parse_v6(text: &str) -> Option<Ipv6Addr> {
    // A dotted end may have leading zeros here too.
    let plain = match text.rsplit_once(':') {
        Some((head, tail)) if tail.contains('.') => {
            format!("{head}:{}", Ipv4Addr::from(parse_v4(tail)?))
        }
        _ => text.to_owned(),
    };
    plain.parse().ok()
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address = Address::parse(address)?;
        let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix: u32 = prefix.parse().ok().filter(|_| digits)?;
        (prefix <= address.length).then(|| Self {
            address: address.masked(prefix),
            prefix,
        })
    }

    fn last(self) -> Address {
        let address = self.address;
        Address {
            bits: address.bits | (address.all() & !address.mask(self.prefix)),
            ..address
        }
    }

    fn contains(self, address: Address) -> bool {
        self.address.length == address.length && address.masked(self.prefix) == self.address
    }

    /// The network of that prefix before this one; before the first stands the last.
    fn previous(self, prefix: u32) -> Self {
        let before = Address {
            bits: self.address.bits.wrapping_sub(1) & self.address.all(),
            ..self.address
        };
        Self {
            address: before.masked(prefix),
            prefix,
        }
    }

    /// The network of that prefix after this one; none behind the last.
    fn next(self, prefix: u32) -> Option<Self> {
        let current = Self {
            address: self.last().masked(prefix),
            prefix,
        };
        let last = current.last();
        let after = Address {
            bits: last.bits.wrapping_add(1) & last.all(),
            ..last
        };
        (after.bits != 0).then(|| Self {
            address: after.masked(prefix),
            prefix,
        })
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Of an IPv4 address mapped into IPv6 the bits before it do not count.
        let before = if self.address.is_v4() {
            self.address.length - 32
        } else {
            0
        };
        write!(f, "{}/{}", self.address, self.prefix.saturating_sub(before))
    }
}

fn network(text: &str) -> Result<Network, String> {
    Network::parse(text)
        .ok_or_else(|| format!("invalid CIDR expression: invalid CIDR address: {text}"))
}

fn first_network(call: &Call<'_>) -> Result<Network, FunctionError> {
    network(call.text(0)).map_err(FunctionError::new)
}

/// A whole number of any size.
fn whole(number: &Number) -> Result<IBig, FunctionError> {
    number
        .to_radix(10)
        .and_then(|text| IBig::from_str_radix(&text, 10).ok())
        .ok_or_else(|| FunctionError::new("value must be a whole number"))
}

/// The address with a number in the bits that end at `end`; none where it does not fit. Terraform computes with the
/// magnitude of a negative result.
fn inserted(address: Address, number: &IBig, end: u32) -> Option<Address> {
    let shift = usize::try_from(address.length - end).ok()?;
    let bits = (IBig::from(address.bits) | (number << shift)).abs();
    let bits = u128::try_from(bits).ok()?;
    (bits <= address.all()).then_some(Address { bits, ..address })
}

fn beyond() -> FunctionError {
    FunctionError::new("the number is beyond the addresses that there are")
}

pub(super) fn cidrhost(call: &Call<'_>) -> Outcome {
    let number = whole(call.number(1))?;
    let Network { address, prefix } = first_network(call)?;
    let most = IBig::from(address.all() & !address.mask(prefix));
    // From the end for negative numbers: -1 is the last address. Of others Terraform compares the lowest 64 bits.
    let (compared, host) = if number < IBig::ZERO {
        let from_end = number.abs() - IBig::ONE;
        (from_end.clone(), &most - from_end)
    } else {
        let low = &number & IBig::from(u64::MAX);
        let low = u64::try_from(low).unwrap_or(u64::MAX).cast_signed();
        (IBig::from(low), number)
    };
    if compared > most {
        return Err(FunctionError::new(format!(
            "prefix of {prefix} does not accommodate a host numbered {host}"
        )));
    }
    let end = if address.is_v4() { 32 } else { 128 };
    let host = inserted(address, &host, end).ok_or_else(beyond)?;
    Ok(Value::string(host.to_string()))
}

pub(super) fn cidrnetmask(call: &Call<'_>) -> Outcome {
    let network = first_network(call)?;
    if !network.address.is_v4() {
        return Err(FunctionError::new(format!(
            "IPv6 addresses cannot have a netmask: {}",
            call.text(0)
        )));
    }
    let mask = Address {
        bits: network.address.mask(network.prefix),
        ..network.address
    };
    Ok(Value::string(mask.to_string()))
}

pub(super) fn cidrsubnet(call: &Call<'_>) -> Outcome {
    let new_bits = call.integer(1)?;
    let number = whole(call.number(2))?;
    let network = first_network(call)?;
    let length = network.address.length;
    let prefix = i64::from(network.prefix).saturating_add(new_bits);
    if prefix > i64::from(length) {
        return Err(FunctionError::new(format!(
            "insufficient address space to extend prefix of {} by {new_bits}",
            network.prefix
        )));
    }
    let Ok(prefix) = u32::try_from(prefix) else {
        return Err(FunctionError::new(format!(
            "cannot extend prefix of {} by {new_bits}",
            network.prefix
        )));
    };
    // Terraform counts subnets with 64 bits, and without their sign.
    let most = match u32::try_from(new_bits) {
        Ok(bits @ 0..64) => (1u64 << bits) - 1,
        _ => u64::MAX,
    };
    let low = number.clone().abs() & IBig::from(u64::MAX);
    if u64::try_from(low).is_ok_and(|low| low > most) {
        return Err(FunctionError::new(format!(
            "prefix extension of {new_bits} does not accommodate a subnet numbered {number}"
        )));
    }
    let address = inserted(network.address, &number, prefix).ok_or_else(beyond)?;
    let subnet = Network { address, prefix };
    Ok(Value::string(subnet.to_string()))
}

pub(super) fn cidrsubnets(call: &Call<'_>) -> Outcome {
    let parent = network(call.text(0)).map_err(|message| FunctionError::at(0, message))?;
    // Terraform finds no network before one of IPv4 addresses that are mapped into IPv6.
    let is_mapped = parent.address.length == 128 && parent.address.is_v4();
    let mut current: Option<Network> = None;
    let mut subnets = Vec::with_capacity(call.args.len());
    for (at, arg) in call.args.iter().enumerate().skip(1) {
        let number = arg.as_number().expect("a known number");
        let length = integer(number).map_err(|message| FunctionError::at(at, message))?;
        let problem = match length {
            ..1 => Some("must extend prefix by at least one bit".to_owned()),
            33.. => Some("may not extend prefix by more than 32 bits".to_owned()),
            _ => None,
        };
        if let Some(problem) = problem {
            return Err(FunctionError::at(at, problem));
        }
        let prefix = parent.prefix + u32::try_from(length).expect("checked to be small");
        if prefix > parent.address.length {
            let protocol = match parent.address.length {
                32 => "IPv4",
                _ => "IPv6",
            };
            return Err(FunctionError::at(
                at,
                format!(
                    "would extend prefix to {prefix} bits, which is too long for an {protocol} \
                     address"
                ),
            ));
        }
        let before = current.unwrap_or_else(|| parent.previous(prefix));
        let before = (!is_mapped).then_some(before);
        let next = before.and_then(|before| before.next(prefix));
        let Some(next) = next.filter(|next| parent.contains(next.address)) else {
            let before = before.map_or_else(|| "<nil>".to_owned(), |before| before.to_string());
            return Err(FunctionError::at(
                at,
                format!(
                    "not enough remaining address space for a subnet with a prefix of {prefix} \
                     bits after {before}"
                ),
            ));
        };
        current = Some(next);
        subnets.push(Value::string(next.to_string()));
    }
    Ok(Value::list(Type::String, subnets))
}

/// OpenTofu's.
pub(super) fn cidrcontains(call: &Call<'_>) -> Outcome {
    let (prefix, asked) = (call.text(0), call.text(1));
    let Some(container) = Network::parse(prefix) else {
        return Err(FunctionError::new(format!(
            "invalid CIDR address: {prefix}"
        )));
    };
    let ends = match (Address::parse(asked), Network::parse(asked)) {
        (Some(address), _) => [address, address],
        (None, Some(inner)) => [inner.address, inner.last()],
        (None, None) => {
            return Err(FunctionError::new(format!(
                "invalid IP address or prefix: {asked}"
            )));
        }
    };
    if ends[0].is_v4() != container.address.is_v4() {
        return Err(FunctionError::new(format!(
            "address family mismatch: {prefix} vs. {asked}"
        )));
    }
    Ok(Value::bool(ends.iter().all(|end| container.contains(*end))))
}
