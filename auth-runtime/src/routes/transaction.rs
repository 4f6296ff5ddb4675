//! The transaction cookie: the record, in one browser, of a sign-in that is under way.

use http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use zeroize::Zeroizing;

use super::failure::Failure;
use crate::auth::Auth;
use crate::cookie::{SetCookie, find, pairs_of};
use crate::json::{self, ObjectWriter};
use crate::oidc::{AuthorizationRequest, LoginTransaction};
use crate::time::Timestamp;

/// A transaction that came back, opened and checked.
pub(super) struct Remembered {
    pub(super) nonce: String,
    pub(super) code_verifier: SecretString,
    pub(super) return_to: String,
    /// Highest age of the authentication that was requested, in seconds.
    pub(super) max_age: Option<u64>,
    /// `scope` of the authorization request. The configuration may have changed since, or another service of this
    /// origin may have sent the request.
    pub(super) scope: Option<String>,
    /// `audience` of the authorization request.
    pub(super) audience: Option<String>,
    /// Id or name of the requested organization.
    pub(super) organization: Option<String>,
}

/// Returns the cookie for a transaction that begins now.
pub(super) fn remember(
    transaction: &LoginTransaction,
    asked: &AuthorizationRequest<'_>,
    organization: Option<&str>,
    auth: &Auth,
) -> Result<SetCookie, Failure> {
    let now = auth.now();
    let text = |text: &str| Value::from(text).to_string();
    let mut json = Zeroizing::new(String::new());
    let mut object = ObjectWriter::begin(&mut json);
    object.member("nonce", Some(&text(&transaction.nonce)));
    object.member("maxAge", transaction.max_age.map(|age| age.to_string()).as_deref());
    object.member("codeVerifier", Some(&text(transaction.code_verifier.expose_secret())));
    object.member("responseType", Some("\"code\""));
    object.member("state", Some(&text(&transaction.state)));
    object.member("returnTo", Some(&text(&transaction.return_to)));
    object.member("scope", Some(&text(asked.scope)));
    object.member("audience", asked.audience.map(text).as_deref());
    object.member("originIssuer", issuer(auth).map(text).as_deref());
    object.member("organization", organization.map(text).as_deref());
    let end = now.saturating_add(LIFETIME).min(Timestamp::MAX_SENSIBLE);
    object.member("exp", Some(&end.as_unix().to_string()));
    object.end();
    Ok(auth.codec().seal_transaction(name(&transaction.state, auth), json.as_bytes(), LIFETIME, now)?)
}

/// Returns whether browsers keep the cookie (RFC 6265bis §5.6).
pub(super) fn fits(cookie: &SetCookie) -> bool {
    bytes_of(cookie.name().len(), cookie.value().len()) <= MAX_COOKIE_BYTES
}

/// Returns the transaction that `state` belongs to, if this browser began it and it has not expired.
///
/// The payload names the state too, so a transaction in a cookie with another state's name is refused.
pub(super) fn recall(state: &str, headers: &HeaderMap, auth: &Auth) -> Option<Remembered> {
    if !is_state(state) {
        return None;
    }
    let value = find(headers, &name(state, auth))?;
    // Other services on this origin may write the sealed part alone, without the time in front of it.
    let sealed = value.split_once(':').map_or(&*value, |(_, sealed)| sealed);
    let opened = auth.codec().keys().open_at(sealed.as_bytes(), auth.now()).ok()?;
    let json = opened.plaintext.into_text().ok()?;
    let text = |name| json::member(&json, name).and_then(json::string).map(std::borrow::Cow::into_owned);
    let exp = json::member(&json, "exp").and_then(json::number).and_then(Timestamp::from_json_number)?;
    if exp <= auth.now() || text("state")? != state || text("responseType")? != "code" {
        return None;
    }
    // RFC 9700 §4.4: the code goes only to the provider that received the authorization request.
    if text("originIssuer").is_some_and(|asked| issuer(auth) != Some(&asked)) {
        return None;
    }
    Some(Remembered {
        nonce: text("nonce")?,
        code_verifier: text("codeVerifier")?.into(),
        return_to: text("returnTo")?,
        max_age: json::member(&json, "maxAge").and_then(json::integer).and_then(|age| age.try_into().ok()),
        scope: text("scope"),
        audience: text("audience"),
        organization: text("organization"),
    })
}

fn issuer(auth: &Auth) -> Option<&str> {
    auth.owner().map(|owner| owner.client.issuer().as_str())
}

/// Returns the line that removes the cookie of a transaction that is over.
pub(super) fn forget(state: &str, auth: &Auth) -> SetCookie {
    auth.codec().remove_transaction(name(state, auth))
}

/// Returns the lines that remove the oldest transactions of this browser, as many as `new` needs for its room. A page
/// that makes a browser begin sign-ins must not fill the browser's headers.
pub(super) fn make_room(new: &SetCookie, headers: &HeaderMap, auth: &Auth) -> Vec<SetCookie> {
    let mut held = held(headers, &[prefix(auth)], auth.now());
    held.sort_by_key(|transaction| transaction.began);
    let mut bytes = bytes_of(new.name().len(), new.value().len());
    bytes = held.iter().fold(bytes, |sum, transaction| sum.saturating_add(transaction.bytes));
    let mut count = held.len().saturating_add(1);
    let mut removed = Vec::new();
    for transaction in held.iter().take(MAX_REMOVED) {
        if count <= MAX_TRANSACTIONS && bytes <= MAX_BYTES {
            break;
        }
        removed.push(transaction.forget(auth));
        bytes = bytes.saturating_sub(transaction.bytes);
        count = count.saturating_sub(1);
    }
    removed
}

/// Returns the lines that remove the transactions of the request, for a sign-out. Transactions under the other prefix
/// are removed too: an earlier version, or a configuration without TLS, may have left them.
pub(super) fn forget_all(headers: &HeaderMap, auth: &Auth) -> Vec<SetCookie> {
    let held = held(headers, &[HOST_PREFIX, PREFIX], auth.now());
    held.iter().take(MAX_REMOVED).map(|transaction| transaction.forget(auth)).collect()
}

/// The cookie of a transaction, unopened.
struct Held<'h> {
    prefix: &'static str,
    state: &'h str,
    /// Unix seconds, from the text before the sealed part. 0 if the cookie has no time, or one in the future: such a
    /// cookie is removed first.
    began: i64,
    /// Bytes of name, `=` and value.
    bytes: usize,
}

impl Held<'_> {
    fn forget(&self, auth: &Auth) -> SetCookie {
        auth.codec().remove_transaction(format!("{}{}", self.prefix, self.state))
    }
}

/// Returns the first transactions of the request whose names have one of these prefixes. Of cookies with one name, the
/// last one counts.
fn held<'h>(headers: &'h HeaderMap, prefixes: &[&'static str], now: Timestamp) -> Vec<Held<'h>> {
    let mut all: Vec<Held<'_>> = Vec::new();
    let mut seen = 0_usize;
    for (name, value) in pairs_of(headers) {
        let found = prefixes.iter().find_map(|prefix| Some((*prefix, name.strip_prefix(prefix)?)));
        let Some((prefix, state)) = found else { continue };
        // An application that allows a single sign-in at a time uses the prefix as the whole name.
        if !state.is_empty() && !is_state(state) {
            continue;
        }
        // Repeated names count too, because each cookie is searched for among the others.
        seen = seen.saturating_add(1);
        if seen > MAX_SEEN {
            break;
        }
        let began = began(value).filter(|began| *began <= now.as_unix()).unwrap_or(0);
        let transaction = Held { prefix, state, began, bytes: bytes_of(name.len(), value.len()) };
        match all.iter_mut().find(|other| other.state == state && other.prefix == prefix) {
            Some(earlier) => *earlier = transaction,
            None => all.push(transaction),
        }
    }
    all
}

/// Reads the number before the first colon, which may be percent-encoded on the wire.
fn began(value: &[u8]) -> Option<i64> {
    let end = value.iter().position(|byte| !byte.is_ascii_digit())?;
    let (digits, rest) = value.split_at_checked(end)?;
    let has_colon = rest.starts_with(b":") || rest.starts_with(b"%3A") || rest.starts_with(b"%3a");
    std::str::from_utf8(digits).ok().filter(|_| has_colon)?.parse().ok()
}

fn bytes_of(name: usize, value: usize) -> usize {
    name.saturating_add(value).saturating_add(1)
}

fn name(state: &str, auth: &Auth) -> String {
    format!("{}{state}", prefix(auth))
}

/// Returns the prefix of the names of transaction cookies.
///
/// A host beside this one can set a cookie for the domain above both, and so sign a visitor in as another user. Where
/// browsers accept it, the `__Host-` prefix keeps such cookies away, and a cookie without it is not read. With a
/// configured domain, which shares the cookie with those hosts, or without `Secure`, browsers refuse that prefix.
fn prefix(auth: &Auth) -> &'static str {
    if auth.codec().binds_transactions_to_host() { HOST_PREFIX } else { PREFIX }
}

/// Returns whether the text can be a state of this crate: base64url of limited length.
fn is_state(text: &str) -> bool {
    (1..=MAX_STATE_CHARS).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The prefix where browsers refuse [`HOST_PREFIX`].
const PREFIX: &str = "__txn_";

/// The prefix of a cookie that browsers accept from this very host only (RFC 6265bis §4.1.3.2).
const HOST_PREFIX: &str = "__Host-__txn_";

/// Number of transactions that a browser may hold: tabs in which the user is about to sign in.
const MAX_TRANSACTIONS: usize = 6;

/// Bytes of all transactions together, with their names: as much as one cookie may hold, so a small part of a header. A
/// transaction that is larger than that is the only one.
const MAX_BYTES: usize = 3_500;

/// Number of removals in one answer. A real transaction has about 500 bytes, so no header that servers accept holds
/// more than this. Short cookies of an attacker could come by the thousand.
const MAX_REMOVED: usize = 64;

/// Number of cookies that are looked at: those that are removed, and those that stay. Limited for the same reason.
const MAX_SEEN: usize = MAX_REMOVED + MAX_TRANSACTIONS;

/// Seconds that a user may take to sign in.
const LIFETIME: u64 = 3_600;

/// Characters of the longest state. A state of this crate, 32 random bytes, has 43.
const MAX_STATE_CHARS: usize = 64;

/// Bytes of the largest cookie that browsers keep, counted as by [`bytes_of`].
const MAX_COOKIE_BYTES: usize = 4_096;

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::COOKIE;

    use super::*;

    fn auth() -> Auth {
        Auth::builder().secret("c4e19b7250fd83a6e8b1d70f42956acb").build().unwrap()
    }

    fn over_tls() -> Auth {
        Auth::builder().secret("c4e19b7250fd83a6e8b1d70f42956acb").cookie_secure(true).build().unwrap()
    }

    fn headers(cookies: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookies).unwrap())])
    }

    fn asked(scope: &str) -> AuthorizationRequest<'_> {
        AuthorizationRequest {
            client_id: "client",
            redirect_uri: "https://app.example.com/auth/callback",
            scope,
            audience: Some("https://api.example.com"),
            extra: &[],
        }
    }

    fn transaction(return_to: &str) -> LoginTransaction {
        LoginTransaction::begin(return_to.to_owned(), None).unwrap()
    }

    fn removed(new: &SetCookie, cookies: &str, auth: &Auth) -> Vec<String> {
        make_room(new, &headers(cookies), auth).iter().map(|line| line.name().to_owned()).collect()
    }

    #[test]
    fn a_transaction_is_recalled_in_both_forms() {
        let auth = auth();
        let begun = transaction("/a");
        let cookie = remember(&begun, &asked("openid"), Some("org_1"), &auth).unwrap();
        let (time, sealed) = cookie.value().split_once("%3A").unwrap();
        assert_eq!(time, auth.now().as_unix().to_string());
        for value in [cookie.value().to_owned(), sealed.to_owned(), format!("{time}:{sealed}")] {
            let found = recall(&begun.state, &headers(&format!("{}={value}", cookie.name())), &auth).unwrap();
            assert_eq!(found.nonce, begun.nonce);
            assert_eq!(found.return_to, "/a");
            assert_eq!(found.organization.as_deref(), Some("org_1"));
            assert_eq!(found.scope.as_deref(), Some("openid"));
            assert_eq!(found.audience.as_deref(), Some("https://api.example.com"));
        }
        let broken = format!("{}=1:{time}:{sealed}", cookie.name());
        assert!(recall(&begun.state, &headers(&broken), &auth).is_none());
    }

    #[test]
    fn chk_26_over_tls_a_transaction_is_bound_to_its_host_and_the_twin_is_not_read() {
        let auth = over_tls();
        let begun = transaction("/a");
        let cookie = remember(&begun, &asked("openid"), None, &auth).unwrap();
        let attributes = cookie.as_str().split_once("; Path=/; ").unwrap().1;
        assert_eq!(cookie.name(), format!("__Host-__txn_{}", begun.state));
        assert!(attributes.contains("; Secure; ") && !attributes.contains("Domain"), "{attributes}");
        let found = |header: &str| recall(&begun.state, &headers(header), &auth).is_some();
        assert!(found(&format!("{}={}", cookie.name(), cookie.value())));
        assert!(!found(&format!("__txn_{}={}", begun.state, cookie.value())));
        assert!(!found(&format!("__host-__txn_{}={}", begun.state, cookie.value())));
        let forgotten = forget(&begun.state, &auth);
        assert_eq!(
            forgotten.as_str(),
            format!("{}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=lax", cookie.name())
        );
    }

    #[test]
    fn a_transaction_has_its_plain_name_where_browsers_take_no_other() {
        let builder = || Auth::builder().secret("c4e19b7250fd83a6e8b1d70f42956acb");
        let name_with = |builder: crate::AuthBuilder| {
            let auth = builder.build().unwrap();
            let begun = transaction("/");
            let cookie = remember(&begun, &asked("openid"), None, &auth).unwrap();
            cookie.name().strip_suffix(&begun.state).unwrap().to_owned()
        };
        assert_eq!(name_with(builder()), "__txn_");
        assert_eq!(name_with(builder().cookie_secure(true).cookie_domain("example.com")), "__txn_");
        // The session's path is its own.
        assert_eq!(name_with(builder().cookie_secure(true).cookie_path("/app")), "__Host-__txn_");
        assert_eq!(name_with(builder().base_url("https://app.example.com")), "__Host-__txn_");
    }

    #[test]
    fn csr_10_planted_twins_push_no_transaction_out_and_a_sign_out_removes_them() {
        let auth = over_tls();
        let new = remember(&transaction("/"), &asked("openid"), None, &auth).unwrap();
        let planted: Vec<_> = (0..60).map(|index| format!("__txn_{index}=1%3Ax")).collect();
        let cookies = format!("{}; __Host-__txn_a=10%3Ax", planted.join("; "));
        assert_eq!(removed(&new, &cookies, &auth), [""; 0]);
        let names: Vec<_> =
            forget_all(&headers(&cookies), &auth).iter().map(|line| line.name().to_owned()).collect();
        assert_eq!(names.len(), 61);
        assert_eq!(names[60], "__Host-__txn_a");
    }

    #[test]
    fn csr_10_the_oldest_of_too_many_goes_first() {
        let auth = auth();
        let new = remember(&transaction("/"), &asked("openid"), None, &auth).unwrap();
        let cookies =
            "__txn_e=50%3Ax; __txn_b=20:x; __txn_bare=x; __txn_c=30%3ax; __txn_a=10%3Ax; __txn_d=40%3Ax";
        assert_eq!(removed(&new, cookies, &auth), ["__txn_bare"]);
        assert_eq!(removed(&new, &format!("{cookies}; __txn_f=60%3Ax"), &auth), ["__txn_bare", "__txn_a"]);
        assert_eq!(removed(&new, "__txn_a=10%3Ax; other=1", &auth), [""; 0]);
        // Whoever can plant a cookie cannot make it outlive the others.
        let planted = cookies.replace("50%3A", "9999999999%3A");
        assert_eq!(removed(&new, &format!("{planted}; __txn_f=60%3Ax"), &auth), ["__txn_e", "__txn_bare"]);
    }

    #[test]
    fn csr_10_few_large_ones_are_too_many_as_well() {
        let auth = auth();
        let new = remember(&transaction("/"), &asked("openid"), None, &auth).unwrap();
        let own = bytes_of(new.name().len(), new.value().len());
        let filler = |room: usize| format!("__txn_a=10%3A{}", "x".repeat(room - "__txn_a=10%3A".len()));
        assert_eq!(removed(&new, &filler(MAX_BYTES - own), &auth), [""; 0]);
        assert_eq!(removed(&new, &filler(MAX_BYTES - own + 1), &auth), ["__txn_a"]);
    }

    #[test]
    fn dos_06_thousands_of_cookies_make_no_thousands_of_lines() {
        let auth = auth();
        let new = remember(&transaction("/"), &asked("openid"), None, &auth).unwrap();
        let cookies: Vec<_> = (0..10_000).map(|index| format!("__txn_{index}=x")).collect();
        let cookies = headers(&cookies.join("; "));
        assert_eq!(make_room(&new, &cookies, &auth).len(), MAX_REMOVED);
        assert_eq!(forget_all(&cookies, &auth).len(), MAX_REMOVED);
    }

    #[test]
    fn dos_07_only_the_first_transactions_are_looked_at() {
        let same = vec!["__txn_a=x"; MAX_SEEN].join("; ");
        let of = |header: &str| held(&headers(header), &[PREFIX], Timestamp::from_unix(0)).len();
        assert_eq!(of(&format!("{same}; __txn_b=x")), 1);
        assert_eq!(of(&format!("__txn_b=x; {same}")), 2);
    }

    #[test]
    fn pay_05_a_sign_in_begins_and_ends_in_the_last_hour_of_9999() {
        let auth = auth();
        let state = "s".repeat(43);
        for now in [Timestamp::MAX_SENSIBLE.saturating_sub(1), Timestamp::from_unix(i64::MAX)] {
            let cookie = auth.codec().seal_transaction(name(&state, &auth), b"{}", LIFETIME, now).unwrap();
            assert!(
                cookie.as_str().contains("; Expires=Fri, 31 Dec 9999 23:59:59 GMT; "),
                "{}",
                cookie.as_str()
            );
        }
    }

    #[test]
    fn s_ck_1_the_longest_transaction_fits_into_a_cookie() {
        let auth = auth();
        let begun = transaction(&format!("/{}", "a".repeat(2_047)));
        let cookie = remember(&begun, &asked(&"scope ".repeat(40)), Some(&"o".repeat(128)), &auth).unwrap();
        let bytes = bytes_of(cookie.name().len(), cookie.value().len());
        assert!(bytes <= 4_096, "{bytes}");
    }

    #[test]
    fn ses_09_a_sign_out_forgets_every_transaction() {
        let auth = auth();
        let lines = forget_all(&headers("__txn_a=1; __txn_=2; __txn_b%20=3; x__txn_c=4; __txn_a=5"), &auth);
        let names: Vec<_> = lines.iter().map(SetCookie::name).collect();
        assert_eq!(names, ["__txn_a", "__txn_"]);
    }
}
