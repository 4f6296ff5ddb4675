//! The list of routes says what axum does with requests.

use auth_runtime::__private::{Guard, Protection, Public, Requirement, Requirements};
use auth_runtime::routing::{Access, MethodFilter, Router, any, get, on, post as post_route};
use auth_runtime::{Auth, public, with_api_auth_required};
use axum::extract::MatchedPath;
use http::{Method, StatusCode};

use super::{Answer, me, open, owner, post, send, verifier};

fn lines<S: Clone + Send + Sync + 'static>(router: &Router<S>) -> Vec<String> {
    router.routes().iter().map(ToString::to_string).collect()
}

#[test]
fn a_route_has_a_line_for_each_of_its_handlers() {
    let methods = get(me).post(open).on(MethodFilter::PUT.or(MethodFilter::PATCH), me).fallback(open);
    let router: Router<Auth> =
        Router::new().route("/a", methods.clone()).route("/b", any(me).merge(get(open)));
    let expected = [
        "GET  /a  signed in",
        "POST  /a  public",
        "PUT,PATCH  /a  signed in",
        "*  /a  public",
        "*  /b  signed in",
        "GET  /b  public",
    ];
    assert_eq!(lines(&router), expected);
    let replaced: Router<Auth> = Router::new().route("/a", any(open).fallback(me));
    assert_eq!(lines(&replaced), ["*  /a  signed in"]);
}

/// Both apply. Of two attributes, the one next to the function is expanded last, so its guard stands first.
#[test]
fn m14_of_two_guards_the_list_has_the_first() {
    struct Editor;

    impl Requirements for Editor {
        const PROTECTION: &'static Protection =
            &Protection { requirements: &[Requirement::Roles(&["editor"])], ..Protection::SIGNED_IN };
        type Policies = ();
    }

    #[with_api_auth_required]
    async fn twice(_: Guard<Editor>) {}

    let router: Router<Auth> =
        Router::new().route("/", get(twice)).route("/editor", get(|_: Guard<Editor>, _: Public| async {}));
    assert_eq!(lines(&router), ["GET  /  signed in", "GET  /editor  roles(\"editor\")"]);
}

#[test]
fn the_sign_ins_endpoints_are_listed_as_public_if_there_are_any() {
    let router: Router = Router::new().auth_routes(&verifier());
    assert_eq!(lines(&router), Vec::<String>::new());
    let router: Router = Router::new().auth_routes(&owner());
    let expected = [
        "GET  /auth/login  public",
        "GET  /auth/callback  public",
        "GET,POST  /auth/logout  public",
        "GET  /auth/profile  public",
    ];
    assert_eq!(lines(&router), expected);
}

#[tokio::test]
async fn every_endpoint_of_the_sign_in_is_listed() {
    let auth = owner();
    let app: axum::Router = axum::Router::new().merge(auth.routes());
    let router: Router = Router::new().auth_routes(&auth);
    for route in router.routes() {
        let answer = send(&app, "PROPFIND", route.path(), None).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{route}");
        assert_eq!(send(&app, "HEAD", route.path(), None).await.status, StatusCode::METHOD_NOT_ALLOWED);
        let allow = answer.headers["allow"].to_str().unwrap();
        let mut allowed: Vec<_> = allow.split(", ").collect();
        let mut methods = route.methods().to_vec();
        allowed.sort_unstable();
        methods.sort_unstable();
        assert_eq!(allowed, methods, "{route}");
    }
    // The other direction: what axum has, by its `Debug`, is in the list.
    let known = format!("{app:?}").matches("\"/auth/").count();
    assert_eq!(router.routes().len(), known);
}

/// Says which path it was reached by, as axum has it.
#[public]
async fn path(matched: MatchedPath) -> String {
    matched.as_str().to_owned()
}

#[public]
async fn fallback() -> (StatusCode, &'static str) {
    (StatusCode::IM_A_TEAPOT, "fallback")
}

#[public]
async fn inner_fallback() -> (StatusCode, &'static str) {
    (StatusCode::IM_A_TEAPOT, "inner fallback")
}

/// A method that only this route has at this path, and a path that it matches.
async fn ask(app: &axum::Router, route: &auth_runtime::routing::Route) -> (String, Answer) {
    let method = route.methods()[0].replace('*', "PROPFIND");
    let path = route.path().replace("{id}", "7").replace("{version}", "v1").replace("{name}", "ada");
    let path = path.replace("{*rest}", "x/y").replace("{*fallback}", "no/such/route");
    assert!(!path.contains('{'), "{path}");
    let answer = send(app, &method, &path, None).await;
    (path, answer)
}

/// Prefixes and paths with and without slashes at their ends: what is listed is what axum answers.
#[tokio::test]
async fn every_listed_path_leads_to_its_handler() {
    let inner = || Router::new().route("/", get(path)).route("/x", get(path)).route("/x/", get(path));
    let deep = |prefix| {
        Router::new().nest(
            prefix,
            inner().route("/{id}/{*rest}", get(path).post(path)).route("/named/as-{name}", get(path)),
        )
    };
    for outer in ["/a", "/a/", "/{version}", "/a/{version}/"] {
        for prefix in ["/b", "/b/", "/b/c"] {
            let router: Router = Router::new().nest(outer, deep(prefix)).route("/", post_route(path));
            assert_eq!(router.routes().len(), 7);
            let app = axum::Router::from(router.clone());
            for route in router.routes() {
                let (path, answer) = ask(&app, route).await;
                assert_eq!(answer.body, route.path(), "{route}, asked as {path}");
            }
        }
    }
}

#[tokio::test]
async fn every_listed_fallback_answers_below_its_prefix() {
    let inner: fn() -> Router = || Router::new().route("/x", get(path)).fallback(inner_fallback);
    let router = Router::new().nest("/a", inner()).nest("/b/", inner()).fallback(fallback);
    let app = axum::Router::from(router.clone());
    let fallbacks: Vec<_> = router.routes().iter().filter(|it| it.methods() == ["*"]).collect();
    let paths: Vec<_> = fallbacks.iter().map(|route| route.path()).collect();
    assert_eq!(paths, ["/a/{*fallback}", "/b/{*fallback}", "/{*fallback}"]);
    for route in fallbacks {
        let expected = if route.path() == "/{*fallback}" { "fallback" } else { "inner fallback" };
        assert_eq!(ask(&app, route).await.1.body, expected, "{route}");
    }
}

/// axum drops it, so the list must not have it.
#[tokio::test]
async fn a_fallback_below_a_router_without_one_is_neither_listed_nor_called() {
    let inner = Router::new().route("/x", get(path)).fallback(inner_fallback);
    let router: Router = Router::new().nest("/a", Router::new().nest("/b", inner)).fallback(fallback);
    assert_eq!(lines(&router), ["GET  /a/b/x  public", "*  /{*fallback}  public"]);
    let app = axum::Router::from(router);
    assert_eq!(send(&app, "GET", "/a/b/nothing", None).await.body, "fallback");
}

/// A capture may have any name: a route that looks like a fallback is not dropped with one.
#[test]
fn a_wildcard_named_like_a_fallback_is_a_route() {
    let inner = Router::new().route("/{*fallback}", get(open));
    let router: Router = Router::new().nest("/a", inner).fallback(open).method_not_allowed_fallback(open);
    let expected = ["GET  /a/{*fallback}  public", "*  /{*fallback}  public", "*  /a/{*fallback}  public"];
    assert_eq!(lines(&router), expected);
}

#[test]
fn a_fallback_takes_the_place_of_no_route() {
    let router: Router<Auth> = Router::new().route("/{*fallback}", get(me)).fallback(open);
    assert_eq!(lines(&router), ["GET  /{*fallback}  signed in", "*  /{*fallback}  public"]);
}

#[test]
fn a_second_fallback_takes_the_place_of_the_first() {
    let router: Router<Auth> = Router::new().fallback(open).fallback(me);
    assert_eq!(lines(&router), ["*  /{*fallback}  signed in"]);
}

#[tokio::test]
async fn a_fallback_for_methods_is_listed_for_the_paths_that_it_answers() {
    let router = Router::new()
        .route("/a", get(path))
        .route("/a", post_route(path))
        .route("/any", any(path))
        .method_not_allowed_fallback(fallback)
        .route("/later", get(path));
    let of_fallback = |line: &&String| line.starts_with('*');
    let listed = lines(&router);
    assert_eq!(listed.iter().filter(of_fallback).collect::<Vec<_>>(), ["*  /any  public", "*  /a  public"]);
    let app = axum::Router::from(router);
    assert_eq!(send(&app, "PROPFIND", "/a", None).await.body, "fallback");
    assert_eq!(send(&app, "PROPFIND", "/any", None).await.body, "/any");
    assert_eq!(send(&app, "PROPFIND", "/later", None).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn what_was_merged_unchecked_keeps_its_prefix() {
    let plain: axum::Router = axum::Router::new().route("/x", axum::routing::get(super::forgotten));
    let router: Router = Router::new().nest("/plain", Router::new().merge_unchecked(plain));
    assert_eq!(lines(&router), ["*  /plain/{*unchecked}  unchecked"]);
    assert_eq!(router.routes()[0].access(), Access::Unchecked);
}

#[tokio::test]
async fn every_method_leads_to_the_handler_that_was_added_for_it() {
    use auth_runtime::routing::{connect, delete, head, options, patch, put, trace};

    let routers: [(Method, Router); 9] = [
        (Method::CONNECT, Router::new().route("/", connect(open))),
        (Method::DELETE, Router::new().route("/", delete(open))),
        (Method::GET, Router::new().route("/", get(open))),
        (Method::HEAD, Router::new().route("/", head(open))),
        (Method::OPTIONS, Router::new().route("/", options(open))),
        (Method::PATCH, Router::new().route("/", patch(open))),
        (Method::POST, Router::new().route("/", post_route(open))),
        (Method::PUT, Router::new().route("/", put(open))),
        (Method::TRACE, Router::new().route("/", trace(open))),
    ];
    for (method, router) in routers {
        assert_eq!(router.routes()[0].methods(), [method.as_str()]);
        let app = axum::Router::from(router);
        assert_eq!(send(&app, method.as_str(), "/", None).await.status, StatusCode::OK, "{method}");
        let other = if method == Method::PUT { "POST" } else { "PUT" };
        assert_eq!(send(&app, other, "/", None).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    let router: Router = Router::new().route("/", on(MethodFilter::PUT.or(MethodFilter::POST), open));
    assert_eq!(router.routes()[0].methods(), ["POST", "PUT"]);
}

#[test]
fn a_state_that_is_provided_changes_no_line() {
    let router: Router<Auth> = Router::new().route("/posts/{id}", get(post).with_state(verifier()));
    let before = lines(&router);
    let served: Router = router.with_state(verifier());
    assert_eq!(lines(&served), before);
    assert_eq!(before, ["GET  /posts/{id}  signed in"]);
}

#[test]
#[should_panic(expected = "Overlapping method route")]
fn two_handlers_for_one_method_and_path_panic_as_in_axum() {
    let _: Router = Router::new().route("/", get(open)).route("/", get(open));
}

#[test]
#[should_panic(expected = "Nesting at the root is no longer supported")]
fn nesting_at_the_root_panics_as_in_axum() {
    let _: Router = Router::new().nest("/", Router::new().route("/a", get(open)));
}

#[test]
#[should_panic(expected = "Cannot merge two `Router`s that both have a fallback")]
fn two_fallbacks_panic_as_in_axum() {
    let _: Router = Router::new().fallback(open).merge(Router::new().fallback(open));
}
