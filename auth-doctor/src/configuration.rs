//! The codec for a JSON line or a command line.

use auth_runtime::codec::{CodecBuilder, CookieName, KeyRing, SessionCodec};

/// Returns a builder with the name of the cookie set.
pub(crate) fn codec(keys: KeyRing, cookie_name: Option<&str>) -> Result<CodecBuilder, String> {
    let builder = SessionCodec::builder(keys);
    match cookie_name {
        None => Ok(builder),
        Some(name) => {
            let name =
                CookieName::new(name).map_err(|error| format!("`--cookie-name` or `cookie_name` is {name:?}: {error}; write the name of the service's session cookie"))?;
            Ok(builder.cookie_name(name))
        }
    }
}
