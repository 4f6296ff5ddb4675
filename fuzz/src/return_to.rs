//! Where a sign-in is asked to end.

use std::sync::LazyLock;

use auth_runtime::{Auth, fuzzing};
use url::Url;

use crate::redirects::leaves;
use crate::service;

const ORIGIN: &str = "https://app.example.com";
/// Longer than any page of an application.
const MAX_BYTES: usize = 2_048;

/// At the origin's root, and below a path.
static SERVICES: LazyLock<[(Auth, &str); 2]> = LazyLock::new(|| {
    ["", "/shop"]
        .map(|path| (service::builder().base_path(path).build().expect("a whole configuration"), path))
});

/// By a parser of its own, no answer leaves the origin, leads back into the sign-in, or is another one when it is asked for.
pub fn return_to(data: &[u8]) {
    let Ok(requested) = std::str::from_utf8(data) else { return };
    for (auth, base_path) in &*SERVICES {
        let (place, relative) = fuzzing::return_to(requested, auth).expect("the service signs users in");
        assert!(!leaves(&place, ORIGIN), "{place}");
        assert!(relative.starts_with('/') && !relative.starts_with("//") && relative.len() <= MAX_BYTES);
        assert_eq!(format!("{ORIGIN}{relative}"), place);
        // Resolved from any page of the application, it is the same place.
        for page in ["/", "/auth/callback", "/a/b/?c=//d"] {
            let page = Url::parse(ORIGIN).and_then(|origin| origin.join(page)).expect("a page");
            assert_eq!(page.join(&relative).expect("it resolves").as_str(), place);
        }
        // A transaction keeps what stands behind the origin.
        let again = fuzzing::return_to(&relative, auth).expect("the service signs users in");
        assert_eq!(again, (place.clone(), relative), "it is not done");
        check_no_endpoint(&place, base_path);
    }
}

fn check_no_endpoint(place: &str, base_path: &str) {
    let url = Url::parse(place).expect("it is a URL");
    let path = url.path().trim_end_matches('/').to_ascii_lowercase();
    for endpoint in ["login", "callback", "logout", "profile", "access-token", "backchannel-logout"] {
        assert_ne!(path, format!("{base_path}/auth/{endpoint}"), "{place}");
    }
}
