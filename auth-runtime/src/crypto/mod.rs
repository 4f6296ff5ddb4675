//! The keys that a secret yields, and the container that they seal.

mod cipher;
mod entropy;
mod jose_header;
mod jwe;
mod key_ring;
mod previous_secret;
mod secret;
mod stamped;

pub use self::entropy::EntropyError;
pub use self::jose_header::ProtectedHeader;
pub use self::jwe::{OpenError, Opened, Plaintext, SealError};
pub use self::key_ring::{KeyRing, KeyRingError, MAX_SECRETS};
pub use self::previous_secret::{PreviousSecret, previous_secret};
pub use self::secret::{Secret, Weakness, random_secret};

pub(crate) use self::entropy::Entropy;
pub(crate) use self::jwe::MAX_JWE_CHARS;
pub(crate) use self::key_ring::hexadecimal;
pub(crate) use self::stamped::Stamp;
