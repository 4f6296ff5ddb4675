//! The maximum lengths of a token request's parameters. A handler may take any of them from its own request.

use super::error::AccessTokenError;

/// The check of one request for a token: the first parameter that is too long, if any is.
#[derive(Default)]
pub(super) struct Limits(Option<&'static str>);

impl Limits {
    /// Checks a list of scopes against [`MAX_SCOPE_BYTES`].
    pub(super) fn scope(self, scope: &str) -> Self {
        self.text("scope", scope, MAX_SCOPE_BYTES)
    }

    /// Checks the name of something against [`MAX_NAME_BYTES`].
    pub(super) fn name(self, parameter: &'static str, text: Option<&str>) -> Self {
        self.text(parameter, text.unwrap_or_default(), MAX_NAME_BYTES)
    }

    /// Checks any parameter against a limit of its own.
    pub(super) fn text(self, parameter: &'static str, text: &str, max_bytes: usize) -> Self {
        if text.len() > max_bytes { self.broken(parameter) } else { self }
    }

    /// Notes that a parameter is too long.
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

/// The bytes of a list of scopes: a few hundred of them, such as the URLs by which some providers call them. The
/// requested scopes are kept in the session with each token, and sent to the provider.
pub(super) const MAX_SCOPE_BYTES: usize = 8 * 1_024;

/// The bytes of a name: as many as the URL of an API, a login hint or the name of a connection can sensibly have.
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
