//! What a router knows of one of its routes.

use std::borrow::Cow;
use std::fmt;

use axum::routing::MethodFilter;

use super::access::Access;

/// One line of [`Router::routes`](super::Router::routes): which requests lead to a handler, and who may call it.
///
/// `Display` writes method, path and [`Access`]: `GET  /api/posts/{id}  scopes("read:posts")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    methods: Vec<&'static str>,
    path: Cow<'static, str>,
    access: Access,
    kind: Kind,
}

/// Why a request comes to a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its path matches.
    Path,
    /// No path of the router matches.
    Fallback,
    /// Nobody knows.
    Unchecked,
}

impl Route {
    /// The methods, as in a request line; [`ANY_OTHER`](Self::ANY_OTHER) stands for all that have no route of their
    /// own at this path. A route for `GET` answers `HEAD` too, unless there is one for `HEAD` (RFC 9110 §9.3.2).
    pub fn methods(&self) -> &[&'static str] {
        &self.methods
    }

    /// The path with its captures, as axum matches it: the prefixes of nested routers are in front.
    ///
    /// A fallback answers all that no route below its prefix matches: it is listed at
    /// [`FALLBACK`](Self::FALLBACK) below that. What came in through
    /// [`merge_unchecked`](super::Router::merge_unchecked) is one line, at [`UNKNOWN`](Self::UNKNOWN).
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Who may call the handler.
    pub fn access(&self) -> Access {
        self.access
    }

    /// What [`methods`](Self::methods) has for `any`, and for the fallback of a path.
    pub const ANY_OTHER: &'static str = "*";

    /// The path of a fallback, below the prefix of the router that it belongs to.
    pub const FALLBACK: &'static str = "/{*fallback}";

    /// The path of what is not known, below the prefix of the router that it was merged into.
    pub const UNKNOWN: &'static str = "/{*unchecked}";

    pub(super) fn new(path: impl Into<Cow<'static, str>>, endpoint: Endpoint) -> Self {
        let Endpoint { methods, access } = endpoint;
        Self { methods: methods.names(), path: path.into(), access, kind: Kind::Path }
    }

    pub(super) fn fallback(access: Access) -> Self {
        let endpoint = Endpoint { methods: Methods::AnyOther, access };
        Self { kind: Kind::Fallback, ..Self::new(Self::FALLBACK, endpoint) }
    }

    pub(super) fn unchecked() -> Self {
        let endpoint = Endpoint { methods: Methods::AnyOther, access: Access::Unchecked };
        Self { kind: Kind::Unchecked, ..Self::new(Self::UNKNOWN, endpoint) }
    }

    pub(super) fn public(path: String, methods: &'static [&'static str]) -> Self {
        Self { methods: methods.to_vec(), path: path.into(), access: Access::Public, kind: Kind::Path }
    }

    /// The standard methods that it answers beside the other `routes` of its router. A handler for `GET` answers
    /// `HEAD` too (RFC 9110 §9.3.2), and one for a method goes before one for any.
    #[cfg(any(feature = "testing", feature = "utoipa"))]
    pub(crate) fn answers(&self, routes: &[Self]) -> Vec<&'static str> {
        let is_named = |name: &str| {
            let beside = |route: &&Self| route.kind == self.kind && route.path == self.path;
            routes.iter().filter(beside).any(|route| route.methods.contains(&name))
        };
        let is_answered = |name: &&'static str| match *name {
            name if self.methods.contains(&name) => true,
            name if is_named(name) => false,
            "HEAD" if self.methods.contains(&"GET") => true,
            "HEAD" if is_named("GET") => false,
            _ => self.takes_any_other(),
        };
        ALL.iter().map(|(_, name)| *name).filter(is_answered).collect()
    }

    /// Returns whether it answers a method that no other route at its path has.
    pub(crate) fn takes_any_other(&self) -> bool {
        self.methods.contains(&Self::ANY_OTHER)
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns whether it is what a router, and not one that is nested in it, answers paths without a route with.
    pub(super) fn is_own_fallback(&self) -> bool {
        self.kind == Kind::Fallback && self.path == Self::FALLBACK
    }

    /// Returns whether anything may have come into the router, and not into one that is nested in it.
    pub(super) fn is_own_unchecked(&self) -> bool {
        self.kind == Kind::Unchecked && self.path == Self::UNKNOWN
    }

    /// The same route in a router that is nested at `prefix`. axum joins the two in this way.
    pub(super) fn below(mut self, prefix: &str) -> Self {
        let path = match &*self.path {
            path if prefix.ends_with('/') => format!("{prefix}{}", path.trim_start_matches('/')),
            "/" => prefix.to_owned(),
            path => format!("{prefix}{path}"),
        };
        self.path = path.into();
        self
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}  {}", self.methods.join(","), self.path, self.access)
    }
}

/// One handler of a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    pub(super) methods: Methods,
    pub(super) access: Access,
}

/// Which methods one handler answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Methods {
    These(MethodFilter),
    /// All that no other handler of the path answers.
    AnyOther,
}

impl Methods {
    fn names(self) -> Vec<&'static str> {
        match self {
            Self::These(filter) => {
                ALL.iter().filter(|(one, _)| filter.or(*one) == filter).map(|(_, name)| *name).collect()
            }
            Self::AnyOther => vec![Route::ANY_OTHER],
        }
    }
}

/// Every method that a filter can name.
const ALL: [(MethodFilter, &str); 9] = [
    (MethodFilter::GET, "GET"),
    (MethodFilter::HEAD, "HEAD"),
    (MethodFilter::POST, "POST"),
    (MethodFilter::PUT, "PUT"),
    (MethodFilter::PATCH, "PATCH"),
    (MethodFilter::DELETE, "DELETE"),
    (MethodFilter::OPTIONS, "OPTIONS"),
    (MethodFilter::TRACE, "TRACE"),
    (MethodFilter::CONNECT, "CONNECT"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Protection, Requirement};

    #[test]
    fn a_line_has_methods_path_and_access() {
        static READ_POSTS: Protection = Protection {
            requirements: &[Requirement::Scopes(&["read:posts"]), Requirement::MaxAge(300)],
            ..Protection::SIGNED_IN
        };
        let cases = [
            (
                Access::Protected(&READ_POSTS),
                r#"GET,POST  /posts/{id}  scopes("read:posts"), max_age = "5m""#,
            ),
            (Access::Protected(&Protection::SIGNED_IN), "GET,POST  /posts/{id}  signed in"),
            (Access::Public, "GET,POST  /posts/{id}  public"),
        ];
        for (access, expected) in cases {
            let methods = Methods::These(MethodFilter::POST.or(MethodFilter::GET));
            assert_eq!(Route::new("/posts/{id}", Endpoint { methods, access }).to_string(), expected);
        }
        assert_eq!(Route::unchecked().to_string(), "*  /{*unchecked}  unchecked");
    }

    #[cfg(any(feature = "testing", feature = "utoipa"))]
    #[test]
    fn a_route_for_any_method_answers_what_no_other_route_names() {
        let endpoint = |methods| Endpoint { methods, access: Access::Public };
        let route = |path: &'static str, methods| Route::new(path, endpoint(methods));
        let get = route("/a", Methods::These(MethodFilter::GET));
        let any = route("/a", Methods::AnyOther);
        let elsewhere = route("/b", Methods::These(MethodFilter::POST));
        let head = route("/a", Methods::These(MethodFilter::HEAD));
        let others = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
        for routes in [[any.clone(), get.clone(), elsewhere.clone()], [elsewhere, get.clone(), any.clone()]] {
            assert_eq!(any.answers(&routes), others);
            assert_eq!(get.answers(&routes), ["GET", "HEAD"]);
        }
        assert_eq!(get.answers(&[get.clone(), head.clone()]), ["GET"]);
        assert_eq!(head.answers(&[get.clone(), head.clone()]), ["HEAD"]);
        assert_eq!(any.answers(&[any.clone(), head]).len(), 8);
        assert_eq!(Route::fallback(Access::Public).answers(&[get, any]).len(), 9);
    }

    #[test]
    fn every_method_of_a_filter_is_named() {
        let every = ALL.iter().fold(MethodFilter::GET, |filter, (one, _)| filter.or(*one));
        assert_eq!(Methods::These(every).names().len(), ALL.len());
        for (filter, name) in ALL {
            assert_eq!(Methods::These(filter).names(), [name]);
            assert_eq!(
                MethodFilter::try_from(http::Method::from_bytes(name.as_bytes()).unwrap()).unwrap(),
                filter
            );
        }
    }
}
