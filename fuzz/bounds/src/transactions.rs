//! What a browser brings of sign-ins that are under way, and where they are to end.

use std::sync::LazyLock;

use auth_runtime::codec::Timestamp;
use auth_runtime::{Auth, fuzzing};

use crate::call::Call;
use crate::containers::seal_raw;
use crate::reference::{HEADER, IV, SERVICE_SECRET};
use crate::{service, session, shapes};

/// The longest place to return to, in bytes.
const MAX_RETURN_TO: usize = 2_048;
/// As much as servers take of a request's head.
const MAX_HEAD: usize = 60_000;
/// As long as a header of cookies gets, and the longest container.
const MAX_COOKIES: usize = 110_000;
const MAX_JWE_CHARS: usize = 112_000;

static AUTH: LazyLock<Auth> = LazyLock::new(|| service::builder().build().expect("a whole configuration"));

/// A place of this shape. It always leads somewhere: to the front page at least.
pub fn return_to(shape: &str) -> &'static Call {
    let fill = |part: &str, bytes: usize| format!("/{}", part.repeat((bytes - 1) / part.len()));
    let requested = match shape {
        "segments" => fill("a/../", MAX_RETURN_TO),
        "slashes" => fill("/", MAX_RETURN_TO),
        "encoded" => fill("%2e%2e%2f", MAX_RETURN_TO),
        "to_encode" => fill("\u{e4}", MAX_RETURN_TO),
        "backslashes" => fill("a\\..\\", MAX_RETURN_TO),
        "too_long" => fill("a/../", MAX_HEAD),
        _ => panic!("there is no shape `{shape}`"),
    };
    Call::new(true, move || fuzzing::return_to(&requested, &AUTH).is_some())
}

/// Cookies of this shape, of which a sign-out forgets some.
pub fn forgotten(shape: &str) -> &'static Call {
    let numbered = |count: usize, before: &str| {
        let pairs: Vec<_> = (0..count).map(|number| format!("{before}{number}=1")).collect();
        pairs.join("; ")
    };
    // What making them frees is freed before the first call, or the allocator would tidy it up in the measured one.
    let cookies = match shape {
        "unique" => numbered(MAX_COOKIES / 14, "__txn_"),
        "twice" => "__txn_a=1; ".repeat(MAX_COOKIES / 11),
        "no_state" => numbered(MAX_COOKIES / 15, "__txn_!"),
        _ => panic!("there is no shape `{shape}`"),
    };
    let headers = session::headers(&cookies);
    Call::new(true, move || fuzzing::transactions(&headers, &AUTH).removed.len() <= 64)
}

/// A transaction's cookie of this shape, as large as it can be.
pub fn recalled(shape: &str) -> &'static Call {
    let envelope = seal_raw(SERVICE_SECRET, HEADER, b"", IV).len();
    let first = format!(
        r#""nonce":"n","codeVerifier":"c","responseType":"code","state":"s","returnTo":"/","exp":{}"#,
        Timestamp::now().as_unix() + 3_600
    );
    let value = match shape {
        "percent" => "%41".repeat(MAX_COOKIES / 3),
        "forged" => {
            format!(
                "1%3A{}",
                seal_raw("another secret of 32 characters.", HEADER, "a".repeat(80_000).as_bytes(), IV)
            )
        }
        shape => {
            let json = shapes::object(&first, shape, (MAX_JWE_CHARS - envelope) / 4 * 3);
            format!("1%3A{}", seal_raw(SERVICE_SECRET, HEADER, json.as_bytes(), IV))
        }
    };
    let headers = session::headers(&format!("__Host-__txn_s={value}"));
    let is_taken = !matches!(shape, "percent" | "forged");
    Call::new(is_taken, move || fuzzing::recalled("s", &headers, &AUTH).is_some())
}
