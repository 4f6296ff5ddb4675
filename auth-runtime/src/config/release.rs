//! The feature `testing` in a release build: a warning, and an error where strangers could sign in.

use super::origin::Origin;
use super::problem::ConfigProblem;

/// Returns whether this is a release build, which is one without debug assertions.
pub(super) fn is_release() -> bool {
    !cfg!(debug_assertions)
}

/// Returns the problem of a service whose users sign in at the provider of the feature `testing`. It is a problem in a
/// release build that is known to browsers by a public https origin: every visitor could sign in as any user. On this
/// machine a release build may use the provider, for a benchmark or for `cargo test --release`.
///
/// A test clock is no problem, since it lets nobody in, and tests of https origins set one.
pub(super) fn problem_of_provider(is_release: bool, base_url: Option<&Origin>) -> Option<ConfigProblem> {
    let public = base_url.filter(|origin| origin.is_https() && !origin.is_loopback())?;
    is_release.then(|| ConfigProblem::TestingProvider { origin: public.as_str().to_owned() })
}

/// Logs a warning if the feature is in a release build. The builder calls it once for each [`Auth`](crate::Auth).
pub(crate) fn warn_of_testing() {
    if let Some(warning) = warning(is_release()) {
        tracing::warn!("{warning}");
    }
}

fn warning(is_release: bool) -> Option<&'static str> {
    is_release.then_some(
        "the feature `testing` of auth-runtime is compiled into this release build: it can forge sessions and has a \
         provider without passwords; enable it in [dev-dependencies], or by a feature `dev` of the application that \
         release builds leave out",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AuthBuilder;

    fn problem(is_release: bool, base_url: Option<&str>) -> Option<ConfigProblem> {
        let origin = base_url.map(|text| Origin::parse(text).unwrap());
        problem_of_provider(is_release, origin.as_ref())
    }

    #[test]
    fn a_release_build_at_a_public_origin_has_no_provider_without_passwords() {
        for public in ["https://app.example.com", "https://app.example.com:8443", "https://192.168.0.7"] {
            let expected = ConfigProblem::TestingProvider { origin: public.to_owned() };
            assert_eq!(problem(true, Some(public)), Some(expected), "{public}");
            assert_eq!(problem(false, Some(public)), None, "{public}");
        }
        for own in [
            "https://localhost:3000",
            "https://app.localhost",
            "https://127.0.0.1",
            "https://[::1]:3000",
            "http://localhost:3000",
            "http://app.test:3000",
        ] {
            for is_release in [true, false] {
                assert_eq!(problem(is_release, Some(own)), None, "{own}");
            }
        }
        assert_eq!(problem(true, None), None);
    }

    #[test]
    fn the_problem_names_the_feature_and_the_cure() {
        let problem = problem(true, Some("https://app.example.com")).unwrap();
        assert_eq!(
            problem.to_string(),
            "the provider of the feature `testing`, where every visitor can sign in as any user, is configured in a release \
             build for the public APP_BASE_URL (`base_url`) https://app.example.com: build without the feature `testing` of \
             auth-runtime and set AUTH0_DOMAIN, or set an origin on this machine, such as http://localhost:3000"
        );
    }

    #[test]
    fn the_builder_asks_for_the_build_that_it_is_in() {
        let builder = || {
            AuthBuilder::default()
                .secret("c4e19b7250fd83a6e8b1d70f42956acb")
                .base_url("https://app.example.com")
        };
        builder().build().unwrap();
        let expected: Vec<_> = problem(is_release(), Some("https://app.example.com")).into_iter().collect();
        let result = builder().testing_provider().build();
        assert_eq!(result.err().map(|error| error.problems().to_vec()).unwrap_or_default(), expected);
    }

    #[test]
    fn only_a_release_build_warns() {
        assert_eq!(warning(false), None);
        assert_eq!(
            warning(true),
            Some(
                "the feature `testing` of auth-runtime is compiled into this release build: it can forge sessions and has a \
                 provider without passwords; enable it in [dev-dependencies], or by a feature `dev` of the application that \
                 release builds leave out"
            )
        );
    }
}
