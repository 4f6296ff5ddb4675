//! The `Cookie` header of a request for a protected route.

use auth_runtime::codec::RequestCookies;

use crate::call::Call;
use crate::containers::seal_raw;
use crate::reference::{HEADER, IV, NOW, OWNER, SECRET, now};
use crate::{garbage, session, shapes};

/// The longest sealed session.
const MAX_JWE_CHARS: usize = 112_000;

/// Cookies that are no session, of one of the kinds that the benchmarks tell apart.
pub fn refused(kind: &str) -> &'static Call {
    read(false, &garbage::cookies(kind))
}

/// A session of our own whose JSON has this shape, as long as a sealed one may be.
pub fn authentic(shape: &str) -> &'static Call {
    read(true, &sealed(shape, MAX_JWE_CHARS))
}

/// The same, a little longer.
pub fn too_long(shape: &str) -> &'static Call {
    read(false, &sealed(shape, MAX_JWE_CHARS + 4))
}

fn read(is_taken: bool, header: &str) -> &'static Call {
    let headers = session::headers(header);
    Call::new(is_taken, move || {
        let cookies = RequestCookies::of_request(&headers, OWNER.cookie_name());
        OWNER.read(&cookies, now()).is_ok_and(|session| !session.user().sub().is_empty())
    })
}

/// In as many cookies as it takes.
fn sealed(shape: &str, chars: usize) -> String {
    let envelope = seal_raw(SECRET, HEADER, b"", IV).len();
    let first = format!(
        r#""user":{{"sub":"auth0|ada"}},"tokenSet":{{}},"internal":{{"sid":"s","createdAt":{}}},"exp":{}"#,
        NOW - 100,
        NOW + 100
    );
    let json = shapes::object(&first, shape, (chars - envelope) / 4 * 3);
    let value = seal_raw(SECRET, HEADER, json.as_bytes(), IV);
    assert!(value.len().abs_diff(chars) < 4, "{} characters", value.len());
    let chunks = value.as_bytes().chunks(3_500).map(String::from_utf8_lossy);
    let pairs: Vec<_> = chunks.zip(0..).map(|(chunk, index)| format!("__session__{index}={chunk}")).collect();
    pairs.join("; ")
}
