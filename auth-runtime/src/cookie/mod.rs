//! Cookies as text: names, the `Cookie` header that comes in, the `Set-Cookie` lines that go out.

mod attributes;
mod chunks;
mod header;
mod name;
mod pairs;
mod seen;
mod set_cookie;

pub use self::attributes::{AttributeError, CookieAttributes, SameSite};
pub use self::chunks::{ChunkSet, MAX_CHUNKS};
pub use self::header::{ConnectionCookie, NamedValue, RequestCookies};
pub use self::name::{CookieName, CookieNameError};
pub use self::seen::SeenNames;
pub use self::set_cookie::SetCookie;

pub(crate) use self::chunks::{CHUNK_CHARS, chunk_name};
pub(crate) use self::header::connection_name;
pub(crate) use self::header::{find, pairs_of};
