//! How long a parameter of a token request may be. A handler may take any of them from its own request.

use super::error::AccessTokenError;

/// The limits of one request for a token.
#[derive(Default)]
pub(super) struct Limits(Option<&'static str>);

impl Limits {
    /// Holds a list of scopes to [`MAX_SCOPE_BYTES`].
    pub(super) fn scope(self, scope: &str) -> Self {
        self.text("scope", scope, MAX_SCOPE_BYTES)
    }

    /// Holds the name of something to [`MAX_NAME_BYTES`].
    pub(super) fn name(self, parameter: &'static str, text: Option<&str>) -> Self {
        self.text(parameter, text.unwrap_or_default(), MAX_NAME_BYTES)
    }

    /// Holds any parameter to a limit of its own.
    pub(super) fn text(self, parameter: &'static str, text: &str, max_bytes: usize) -> Self {
        if text.len() > max_bytes { self.broken(parameter) } else { self }
    }

    /// Notes that a limit is broken.
    pub(super) fn broken(self, parameter: &'static str) -> Self {
        Self(self.0.or(Some(parameter)))
    }

    /// Fails with the first parameter that is too long.
    pub(super) fn check(self) -> Result<(), AccessTokenError> {
        match self.0 {
            Some(parameter) => Err(AccessTokenError::TooLong { parameter }),
            None => Ok(()),
        }
    }
}

/// A few hundred scopes, such as the URLs that some providers call them by. What is asked for is kept in the session
/// with each token, and sent to the provider.
pub(super) const MAX_SCOPE_BYTES: usize = 8 * 1_024;

/// As long as the URL of an API, a login hint or the name of a connection can sensibly be.
pub(crate) const MAX_NAME_BYTES: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dos_04_a_parameter_that_is_too_long_is_named_and_one_that_just_fits_is_not() {
        let (fits, is_long) = ("a".repeat(MAX_NAME_BYTES), "a".repeat(MAX_NAME_BYTES + 1));
        let scope = |bytes| "a ".repeat(bytes / 2);
        let fitting = Limits::default().scope(&scope(MAX_SCOPE_BYTES)).name("audience", Some(&fits));
        assert_eq!(fitting.name("login_hint", None).check(), Ok(()));
        let broken = Limits::default().scope(&scope(MAX_SCOPE_BYTES + 2)).name("audience", Some(&is_long));
        assert_eq!(broken.check(), Err(AccessTokenError::TooLong { parameter: "scope" }));
        let broken = Limits::default().scope("a").name("audience", Some(&is_long));
        assert_eq!(broken.check(), Err(AccessTokenError::TooLong { parameter: "audience" }));
    }
}
