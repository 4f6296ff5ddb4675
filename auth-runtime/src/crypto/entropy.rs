//! Random bytes from the operating system, and from nowhere else.

use std::fmt;

/// The source of initialization vectors, identifiers and one-time values.
#[derive(Clone, Copy)]
pub(crate) struct Entropy(fn(&mut [u8]) -> Result<(), EntropyError>);

impl Entropy {
    /// The operating system's generator.
    pub(crate) const SYSTEM: Self =
        Self(|bytes| getrandom::fill(bytes).map_err(|_| EntropyError { _private: () }));

    /// A generator that always fails, for tests that nothing is sent then.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) const BROKEN: Self = Self(|_| Err(EntropyError { _private: () }));

    /// Returns `N` random bytes.
    pub(crate) fn bytes<const N: usize>(self) -> Result<[u8; N], EntropyError> {
        let mut bytes = [0; N];
        (self.0)(&mut bytes)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}

/// The error of an operating system that gave no random bytes. There is no fallback: nothing is encrypted then.
///
/// ```
/// use auth_runtime::codec::{EntropyError, SealError};
///
/// fn lack_of_entropy(error: &SealError) -> Option<&EntropyError> {
///     match error {
///         SealError::Entropy(error) => Some(error),
///         _ => None,
///     }
/// }
/// assert!(lack_of_entropy(&SealError::Exhausted).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct EntropyError {
    _private: (),
}
