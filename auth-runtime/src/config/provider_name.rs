//! The rules for the provider's name where the feature `oidc` is off. A service with the feature has the same ones, in
//! `oidc/issuer.rs`, and reads the name with the crate `url`, whose tables a service that only verifies does not need.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Checks a host (`tenant.auth0.com`) or a URL (`https://id.example.com/realm`). Host names with letters outside of ASCII
/// are taken as they are.
///
/// # Errors
///
/// The reason for which the name is refused. It contains no user name and no password.
pub(super) fn check(name: &str, allow_insecure: bool) -> Result<(), String> {
    let name = name.trim();
    if name.is_empty() {
        return Err(
            "the domain is empty: write the provider's host, such as `tenant.eu.auth0.com`".to_owned()
        );
    }
    let parts = name.split_once("://");
    let rest = parts.map_or(name, |(_, rest)| rest.trim_start_matches(['/', '\\']));
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    // First of all, since the other reasons contain parts of the name.
    if authority.contains('@') || (parts.is_none() && name.contains('@')) {
        return Err(USER_INFO.to_owned());
    }
    let scheme = match parts {
        Some((scheme, _)) => scheme.to_ascii_lowercase(),
        None => check_bare(name).map(|()| "https".to_owned())?,
    };
    if !matches!(scheme.as_str(), "http" | "https") {
        return Err(not_a_url(name));
    }
    if rest.contains(['?', '#']) {
        return Err(QUERY_OR_FRAGMENT.to_owned());
    }
    let is_http = scheme == "http";
    let (host, port) = host_and_port(authority).ok_or_else(|| not_a_url(name))?;
    let has_port = port.is_some_and(|port| port != if is_http { 80 } else { 443 });
    let is_loopback = check_host(host, allow_insecure)?;
    // Without `allow_insecure`, the same host is asked by `https`. A port that was named for `http` does not answer that.
    let is_plain = is_http && (allow_insecure || has_port);
    if is_plain && !is_loopback {
        return Err(format!(
            "`http` is for an issuer on this machine only; `{authority}` has to be reached by `https`"
        ));
    }
    Ok(())
}

/// Checks what is refused of a name without a scheme.
fn check_bare(name: &str) -> Result<(), String> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Err(ip_address(address));
    }
    if name.contains(['?', '#']) {
        return Err(QUERY_OR_FRAGMENT.to_owned());
    }
    if name.contains(['/', ':', '\\']) {
        return Err(format!(
            "`{name}` is a bare host with a port or a path: write the complete URL, such as `https://id.example.com/realm`"
        ));
    }
    Ok(())
}

/// Splits an authority; `None` where the port is none, or the host has a character that hosts do not have.
fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let end_of_host = authority.rfind(']').unwrap_or(0);
    let (host, port) = match authority.rfind(':').filter(|colon| *colon > end_of_host) {
        Some(colon) => (authority.get(..colon)?, authority.get(colon..)?.trim_start_matches(':')),
        None => (authority, ""),
    };
    let is_host = !host.is_empty() && !host.contains(|c: char| c.is_ascii_control() || " %<>^|".contains(c));
    let port = match port {
        "" => None,
        port if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(port.parse().ok()?),
        _ => return None,
    };
    is_host.then_some((host, port))
}

/// Returns whether the host is this machine.
fn check_host(host: &str, allow_insecure: bool) -> Result<bool, String> {
    let lower = host.to_ascii_lowercase();
    let (is_loopback, refusal) = if let Some(address) = address(&lower) {
        let address = address.ok_or_else(|| not_a_url(host))?;
        (address.is_loopback(), ip_address(address))
    } else {
        let name = lower.trim_end_matches('.');
        // RFC 6762: anyone on the link may answer for such a name.
        if matches!(name.rsplit_once('.'), Some((_, "local"))) {
            return Err(format!(
                "the issuer's host `{name}` ends in `.local`, which any machine of the local network can claim: write another host name"
            ));
        }
        if name != "localhost" && !name.ends_with(".localhost") && !name.starts_with("localhost.") {
            return Ok(false);
        }
        let refusal = format!(
            "the issuer's host `{name}` is this machine: for development, set AUTH0_ALLOW_INSECURE_REQUESTS=true"
        );
        // `localhost.example.com` may be another machine, so no plain `http` is sent to it.
        (!name.starts_with("localhost."), refusal)
    };
    if allow_insecure { Ok(is_loopback) } else { Err(refusal) }
}

/// Reads an address; `None` for a host that is a name, and `Some(None)` for one that is neither (URL Standard, host
/// parsing).
#[expect(clippy::option_option, reason = "a host is a name, an address or neither")]
fn address(host: &str) -> Option<Option<IpAddr>> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').and_then(|address| address.parse::<Ipv6Addr>().ok());
        return Some(address.map(IpAddr::V6));
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    let ends_with_number = last.bytes().all(|byte| byte.is_ascii_digit()) || number(last).is_some();
    (ends_with_number && !last.is_empty()).then(|| ipv4(host).map(IpAddr::V4))
}

/// Reads an IPv4 address as browsers do: its last number fills the bytes that are left, so `127.1` is `127.0.0.1`.
fn ipv4(host: &str) -> Option<Ipv4Addr> {
    let numbers: Vec<u64> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = numbers.split_last()?;
    let bytes_left = 4_usize.checked_sub(first.len()).filter(|left| *left > 0)?;
    if first.iter().any(|number| *number > 255) || *last >= 1 << (8 * bytes_left) {
        return None;
    }
    let front = first.iter().fold(0_u64, |sum, number| (sum << 8) | number);
    u32::try_from((front << (8 * bytes_left)) | last).ok().map(Ipv4Addr::from)
}

/// Reads a number of an IPv4 address: `0x` begins a hexadecimal one, `0` an octal one.
fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match (text.strip_prefix("0x"), text.strip_prefix('0')) {
        (Some(""), _) => return Some(0),
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) if !digits.is_empty() => (digits, 8),
        _ => (text, 10),
    };
    // `from_str_radix` alone would accept a sign.
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(digits, radix).ok().filter(|_| is_number)
}

fn ip_address(address: IpAddr) -> String {
    format!("the issuer is an IP address (`{address}`), for which no certificate vouches: write a host name")
}

fn not_a_url(name: &str) -> String {
    // A text that cannot be read may have a password in any place before an `@`.
    if name.contains('@') {
        return USER_INFO.to_owned();
    }
    format!(
        "this is neither a host nor an http or https URL ({name}): write the provider's host, such as `tenant.eu.auth0.com`"
    )
}

const USER_INFO: &str = "the issuer contains a user name or a password: remove it";

const QUERY_OR_FRAGMENT: &str =
    "the issuer has a query or a fragment, which is never part of its name: remove it";
