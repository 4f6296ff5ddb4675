//! Random bytes from the operating system, and from nowhere else.

use std::fmt;

/// Where initialization vectors, identifiers and one-time values come from.
#[derive(Clone, Copy)]
pub(crate) struct Entropy(fn(&mut [u8]) -> Result<(), EntropyError>);

impl Entropy {
    /// The operating system's generator.
    pub(crate) const SYSTEM: Self =
        Self(|bytes| getrandom::fill(bytes).map_err(|_| EntropyError { _private: () }));

    /// A generator that is broken, to see that nothing is sent then.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) const BROKEN: Self = Self(|_| Err(EntropyError { _private: () }));

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

/// The operating system gave no random bytes. There is no fallback: nothing is encrypted then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct EntropyError {
    _private: (),
}
