//! The messages about mistakes, the place that each one points at, and what becomes of the item.

use std::fmt::Write as _;

use super::snapshot::{Expansion, check, expand, expand_helper, expand_policy, expand_public};

#[test]
fn every_mistake_in_the_options_has_a_message() {
    let cases = [
        // Names.
        "stat = AppState",
        "State = AppState",
        "krate = ::auth_runtime",
        "colour = \"red\"",
        "scop(\"read:reports\")",
        "or(roles(\"a\"), roles(\"b\"))",
        // Between options.
        "state = AppState crate = ::auth_runtime",
        "login optional",
        "org scopes(\"a\")",
        "state = AppState; crate = ::auth_runtime",
        ", state = AppState",
        "state = AppState,, crate = ::auth_runtime",
        "\"AppState\"",
        "= AppState",
        // Twice.
        "state = A, state = B",
        "state = A, state = B, state = C, crate = ::a, crate = ::b",
        "scopes(\"a\"), scopes(\"b\")",
        "acr(\"a\"), acr(\"b\"), amr(\"a\"), amr(\"b\"), org, org, roles(\"a\"), roles(\"b\")",
        "login, login, optional, cache = \"private\", cache = \"public\", optional, max_age = \"1s\", max_age = \"1\"",
        "policy = Owns, policy = crate::Owns, policy = Owns",
        // All at once.
        "scop(\"a\", \"b\"), state = \"S\", other = Map<A, B>, crate = auth, state = S, !, scopes(\"\", \"a b\")",
        "!(roles(\"a\"), org)",
    ];
    check_options("options.txt", &cases);
}

#[test]
fn every_mistake_in_a_flag_has_a_message() {
    check_options(
        "flags.txt",
        &[
            "optional = true",
            "login(\"x\")",
            "login = \"/sign-in\"",
            "optional[]",
            "login: true",
            "optional!",
            "optional = false",
            "login(false)",
        ],
    );
}

#[test]
fn operators_have_a_message_that_writes_the_groups() {
    let cases = [
        "roles(\"a\") || roles(\"b\")",
        "roles(\"a\") | scopes(\"b\"), org",
        "org || roles(\"a\")",
        "roles(\"a\") or roles(\"b\")",
        "roles(\"a\") && scopes(\"b\")",
        "roles(\"a\") && roles(\"b\")",
        "max_age = \"5m\" && login",
        "roles(\"a\") && scopes(\"b\") || claim(\"c\" = 1)",
        "!roles(\"a\")",
        "!(roles(\"a\") || org), login",
        "[roles(\"a\"), org]",
        "(roles(\"a\") || roles(\"b\"))",
        "roles(\"a\") || login",
        "login || optional",
        "!max_age = \"5m\"",
        "roles(\"a\") ||",
        "any(roles(\"a\") || roles(\"b\"))",
        "any(roles(\"a\") && org, !scopes(\"b\"))",
        "all(roles(\"a\") && org)",
        "not(roles(\"a\") || org)",
        "not(!roles(\"a\"))",
        "any([roles(\"a\"), org])",
        "any = roles(\"a\") || roles(\"b\")",
        "any { !roles(\"a\"), org }",
        "not roles(\"a\")",
        "not = roles(\"a\") && org",
        "any = \"a\"",
        "roles(\"a\" || \"b\")",
        "roles(\"a\" && \"b\")",
        "roles(admin | editor)",
        "roles(!\"a\")",
        "roles(\"a\" || ADMIN)",
        "org(\"a\" || \"b\")",
        "acr(\"a\" && \"b\")",
        "acr(!\"a\")",
        "roles = \"a\" || \"b\"",
        "claim(\"a\" = 1 || 2)",
        "claim(\"a\" = 1 && \"b\" = true)",
        "claim(\"a\" = 1 || \"b\" = x)",
    ];
    check_options("operators.txt", &cases);
}

#[test]
fn every_mistake_in_a_list_has_a_message() {
    let cases = [
        "scopes",
        "scopes()",
        "scopes =",
        "scopes = \"a\"",
        "scopes \"a\"",
        "scopes[\"a\", \"b\"]",
        "scopes { \"a\" }",
        "scopes = [\"a\", \"b\"]",
        "scopes = Scopes::ALL",
        "scopes: \"a\"",
        "scopes(read:reports)",
        "scopes(SCOPE, 5, b\"a\", concat!(\"a\"), \"a\" + \"b\")",
        "scopes(\"a\" \"b\")",
        "scopes(, \"a\",, \"b\",)",
        "scopes(\"a\"; \"b\")",
        "scopes(\"a\"suffix)",
        "scopes(\"a\", \"b\", \"a\")",
        "scopes(\"read:a read:b\")",
        "scopes(\"\", \" \", \"a\\\"b\", \"a\\\\b\", \"caf\u{e9}\", \"a\\u{0}\")",
        "permissions(\"\", \" a\", \"a\\nb\", \"a\", \"a\")",
        "roles(\"\")",
        "acr(\"\")",
        "acr(\"urn:a urn:b\")",
        "amr(mfa)",
        "amr = \"mfa\"",
        "org()",
        "org(\"\")",
        "org = \"org_1\"",
        "org[\"org_1\"]",
        "roles(ADMIN)",
        "roles(Role::Admin, \"editor\")",
        "roles(admin, \"editor\")",
        "roles(true)",
        "roles = ADMIN",
        "roles = admin",
        "roles[ADMIN]",
        "roles([\"a\", \"b\"])",
        "roles(&[\"a\"], (\"b\", \"c\"), \"d\")",
        "permissions(vec![\"a\", \"b\"])",
        "amr({ \"mfa\" })",
        "roles([\"a\", B])",
        "roles(&ROLES)",
        "roles = \"a\", \"b\"",
        "roles \"a\", \"b\", org",
        "roles: \"a\", \"b\", max_age = \"5m\"",
        "scopes(\"a b\", \"c\")",
        "permissions(\" a\", \"b\")",
    ];
    check_options("lists.txt", &cases);
}

#[test]
fn every_mistake_in_a_claim_has_a_message() {
    let cases = [
        "claim",
        "claim()",
        "claim = \"pro\"",
        "claim(\"plan\")",
        "claim(\"plan\" =)",
        "claim(\"plan\", \"pro\")",
        "claim(\"plan\": \"pro\")",
        "claim(plan = \"pro\")",
        "claim(5 = \"pro\")",
        "claim(\"\" = \"pro\")",
        "claim(\"a\" = 1.5, \"b\" = null, \"c\" = [1, 2], \"d\" = Plan::Pro, \"e\" = 'x', \"f\" = b\"x\", \"g\" = pro)",
        "claim(\"level\" = 5u8)",
        "claim(\"level\" = 9223372036854775808, \"depth\" = -9223372036854775809)",
        "claim(\"a\" = 1 \"b\" = 2)",
        "claim(\"a\" = 1 + 2)",
        "claim(\"a\" = 1, \"a\" = 1)",
        "claim(\"a\" = 1), claim(\"a\" = 2)",
        "claim[\"plan\" = \"pro\"]",
        "claim { \"plan\": \"pro\" }",
        "claim = (\"plan\" = \"pro\", \"level\" = 5)",
        "claim(\"plan\" == \"pro\")",
        "claim(\"plan\" != \"pro\")",
        "claim(\"plan\" => pro)",
        "claim(\"plan\" \"pro\")",
        "claim(\"level\" > 5)",
        "claim(\"level\" >= LEVEL)",
        "claim(\"plan\" = PRO)",
        "claim(\"plan\" = [\"pro\", \"team\"])",
        "claim(\"plan\" = plan())",
        "claim(plan == \"pro\")",
    ];
    check_options("claims.txt", &cases);
}

#[test]
fn every_mistake_in_a_group_has_a_message() {
    let too_deep = format!("{}roles(\"a\"){}", "any(".repeat(17), ")".repeat(17));
    let cases = [
        "any",
        "any()",
        "all()",
        "not()",
        "any = roles(\"a\")",
        "any[roles(\"a\")]",
        "any(\"a\", \"b\")",
        "any(roles(\"a\") scopes(\"b\"))",
        "any(role(\"a\"), colour(\"b\"), and(roles(\"c\")))",
        "any(roles(), scopes(\"a b\"))",
        "any(policy = Owns, optional, cache = \"private\", login, state = S, crate = ::auth)",
        "not(roles(\"a\"), roles(\"b\"))",
        "not(claim(\"a\" = 1, \"b\" = 2))",
        "not(rols(\"a\"))",
        "not(acr(\"a\"))",
        "any(not(all(amr(\"a\"), max_age = \"5m\")), roles(\"a\"))",
        "any(roles(\"a\", \"b\"), roles(\"b\", \"a\"))",
        "any(all(claim(\"a\" = 1), claim(\"a\" = 2)), not(all(roles(\"x\"), not(roles(\"x\")))))",
        &too_deep,
    ];
    check_options("groups.txt", &cases);
}

#[test]
fn every_mistake_in_a_duration_or_in_directives_has_a_message() {
    let cases = [
        "max_age",
        "max_age =",
        "max_age(\"5m\")",
        "max_age(5m)",
        "max_age \"5m\"",
        "max_age = 5",
        "max_age = 5m",
        "max_age = FIVE_MINUTES",
        "max_age = \"5\"",
        "max_age = \"5 m\"",
        "max_age = \"5min\"",
        "max_age = \"1h30m\"",
        "max_age = \"0s\"",
        "max_age = \"300000000000000d\"",
        "cache",
        "cache(\"private\")",
        "cache(private, max-age = 60)",
        "cache = private",
        "cache = \"\"",
        "cache = \"public\"",
        "cache = \"max-age=60\"",
        "cache = \"privat, max-age, s-maxage=5\"",
        "max_age(\"5 minutes\")",
        "max_age = 10 minutes",
        "max_age = 10min",
        "max_age: \"2 hours\"",
        "max_age(Duration::from_secs(300))",
        "max_age = Duration::from_mins(5)",
        "max_age(FIVE_MINUTES)",
        "max_age = 60 * 5",
        "max_age[300]",
        "max_age = \"1.5h\"",
        "max_age = \"2 weeks\"",
        "max_age(\"soon\")",
        "cache(\"private\", \"max-age=30\")",
        "cache(private, max-age = 30)",
        "cache[no-store]",
        "cache = CACHE",
        "cache = no-store",
        "cache(\"public\")",
    ];
    check_options("values.txt", &cases);
}

#[test]
fn every_mistake_in_a_type_or_path_has_a_message() {
    let cases = [
        "state",
        "state AppState",
        "state =",
        "state = , crate = ::auth_runtime",
        "state = \"AppState\"",
        "state = 5",
        "state = _",
        "state = impl Clone",
        "state(AppState)",
        "state(\"AppState\")",
        "state()",
        "state[AppState]",
        "state { AppState }",
        "state = AppState + Clone",
        "state: AppState",
        "policy",
        "policy =",
        "policy(\"Owns\")",
        "policy(Owns<Report>, IsOpen)",
        "policy = \"crate::Owns\"",
        "policy = Owns::new()",
        "policy = (Owns, IsOpen)",
        "policy = |session| true",
        "crate",
        "crate =",
        "crate = auth",
        "crate = auth::runtime",
        "crate = self::auth",
        "crate = super::super::auth",
        "crate = \"auth_runtime\"",
        "crate = \"crate::auth\"",
        "crate = \"not a path\"",
        "crate = 5",
        "crate(::auth_runtime)",
        "crate = ::auth_runtime::Auth<u8>",
        "policy(policies::owns(5), is_open)",
        "policy[owns, is_open]",
        "policy(\"owns\", \"crate::is_open\")",
        "policy = owns && is_open",
        "policy = owns || is_open",
        "state(Arc<AppState>)",
        "state[impl Clone]",
        "crate(\"auth\")",
        "crate(crate::auth)",
    ];
    check_options("types.txt", &cases);
}

#[test]
fn options_that_contradict_each_other_have_a_message() {
    let cases = [
        "optional, scopes(\"a\")",
        "login, optional, any(roles(\"a\"), roles(\"b\")), policy = Owns, policy = IsOpen",
        "optional, max_age = \"5m\", claim(\"a\" = 1, \"b\" = 2)",
        "roles(\"a\"), not(roles(\"a\"))",
        "not(scopes(\"b\", \"a\")), scopes(\"a\", \"b\", \"c\")",
        "org(\"org_1\"), not(org)",
        "claim(\"a\" = true), not(claim(\"a\" = true))",
        "all(roles(\"a\"), org), any(roles(\"b\"), org), not(any(roles(\"b\"), org))",
    ];
    check_options("contradictions.txt", &cases);
}

#[test]
fn attributes_on_one_handler_are_checked_together() {
    check_messages(
        "layers.txt",
        [
            ("optional", "#[with_api_auth_required(roles(\"a\"))] async fn handler() {}"),
            (
                "roles(\"a\")",
                "#[auth_runtime::with_api_auth_required(not(roles(\"a\")), optional)] async fn handler() {}",
            ),
            ("claim(\"a\" = 1)", "#[with_api_auth_required(claim(\"a\" = 2))] async fn handler() {}"),
            (
                "",
                "#[with_api_auth_required(scop(\"a\"))] #[with_api_auth_required = \"a\"] async fn handler() {}",
            ),
        ],
    );
}

#[test]
fn options_that_do_not_fit_the_handler_have_a_message() {
    check_messages(
        "handlers.txt",
        [
            ("optional", "async fn handler(user: User) {}"),
            ("optional", "async fn handler(id: Id, mut user: auth_runtime::User) {}"),
            ("scopes(\"a\")", "pub async fn list(state: State<Self>) -> Json<Self> { state.json() }"),
            ("login", "pub async fn list() -> <Self as Api>::Answer { user.answer() }"),
            ("org", "pub async fn list() -> u8 { if user.is(\"a\") { Self::count() } else { 0 } }"),
        ],
    );
    for fits in ["{ struct A; impl A { fn new() -> Self { Self } } }", "{ dsl!(Self) }"] {
        let errors = expand("org", &format!("async fn handler() {fits}")).errors;
        assert!(errors.is_empty(), "{fits}");
    }
    for fits in ["user: Option<User>", "user: User<Employee>", "_user: User", "Claims(user): Claims<User>"] {
        let errors = expand("optional", &format!("async fn handler({fits}) {{}}")).errors;
        assert!(errors.is_empty(), "{fits}");
    }
}

#[test]
fn every_item_that_is_no_handler_has_a_message() {
    let cases = [
        "struct Handler;",
        "pub enum Handler {}",
        "pub(crate) union Handler { a: u8 }",
        "const HANDLER: u8 = 1;",
        "const _: () = ();",
        "static HANDLER: u8 = 1;",
        "trait Handler { async fn get(); }",
        "unsafe trait Handler {}",
        "type Handler = u8;",
        "use handler::get;",
        "extern crate handler;",
        "macro_rules! handler { () => {} }",
        "handler! { a }",
        "web::handler!(a);",
        "|| async { 1 }",
        "async move |id: u8| id",
        "get(handler)",
        "let handler = 1;",
        "mod handlers;",
        "unsafe impl Handlers for X {}",
        "impl<T> web::Handlers for X<T> where for<'a> T: A<'a> { #[helper] async fn get() {} }",
        "extern \"C\" { fn handler(); }",
        "unsafe extern \"C\" { fn handler(); }",
        "fn handler() {}",
        "pub fn handler() -> impl Future<Output = ()> { async {} }",
        "async unsafe fn handler() {}",
        "async extern \"C\" fn handler() {}",
        "const fn handler() {}",
        "pub const unsafe extern fn handler(self, a: u8, ...) {}",
        "async fn handler(&self) {}",
        "async fn handler(self: Arc<Self>, id: Id) {}",
        "async fn handler();",
        "async fn handler() -> ! { loop {} }",
        "async fn handler(id) {}",
    ];
    check_messages("items.txt", cases.map(|item| ("", item)));
}

#[test]
fn too_many_parameters_have_a_message() {
    let handler = |count: usize, user: &str| {
        let inputs: Vec<String> = (1..=count).map(|number| format!("p{number}: P")).collect();
        format!("async fn handler({}{user}) {{}}", inputs.join(", "))
    };
    assert!(expand("", &handler(14, "")).errors.is_empty());
    assert!(expand("", &handler(14, ", user: User")).errors.is_empty());
    let cases = [handler(15, ""), handler(15, ", user: User"), handler(20, "")];
    check_messages("parameters.txt", cases.iter().map(|item| ("", item.as_str())));
}

#[test]
fn mistakes_in_options_and_item_are_told_together() {
    check_messages(
        "together.txt",
        [("stat = S, crate = auth", "struct Handler;"), ("optional", "fn handler(&self) {}")],
    );
}

#[test]
fn what_can_not_be_judged_in_a_module_has_a_message() {
    let cases = [
        "thread_local! { static A: u8 = 1; }",
        "include!(\"handlers.rs\");",
        "pub mod handlers;",
        "fn parameters(#[cfg(a)] a: A) -> B { todo!() }",
        "extern \"C\" fn parameters(a: A, ...) -> B { todo!() }",
        "async fn method(&self) {}",
        "async unsafe fn handler() {}",
        "async extern \"C\" fn handler() {}",
        "async fn handler() -> ! { loop {} }",
        "impl Api { async fn method(&self) {} handlers!(); fn parameters(#[cfg(a)] a: A) -> B { todo!() } }",
        "trait Load { async fn load() -> Self; fn parameters(self, #[cfg(a)] a: A) -> B; consts! {} }",
        "impl Load for X { async fn load() -> Self { X } async fn take(self) {} fn later() -> Option<impl A> {} }",
        "pub const LIST: fn() -> BoxFuture<'static, ()> = list;",
        "impl Api { const LIST: fn() -> Ready<u8> = list; }",
        "static LIST: LazyLock<Box<dyn Any>> = LazyLock::new(list); trait A { const B: &'static dyn Any; }",
        "pub(crate) static mut LIST: [X<impl Any>; 1] = list; impl A for B { const C: (Box<dyn Fn(u8)>,) = list; }",
        "const LIST<T>: Later = list;",
        "async fn load(name: &str, (id): (&'a mut Id)) {}",
        "impl Api { async fn load(self: &Arc<Self>, name: &str) {} }",
        "const _: () = { impl Api { pub async fn list() {} } };",
        "fn add() { impl Api { pub async fn list() {} } } async fn handler() { impl A for B { async fn c() {} } }",
        "enum A { B = { impl Api { async fn list() {} } 1 } }",
        "impl Api { fn add() { impl Api { pub async fn list() {} } } }",
        // Beside all this, the handlers.
        "a!(); async fn a() {} mod b { mod c; impl D { async fn e() {} f! {} } }",
    ];
    let modules = cases.map(|case| format!("mod api {{ {case} }}"));
    check_messages("unjudged.txt", modules.iter().map(|item| ("", item.as_str())));
}

#[test]
fn an_attribute_that_means_nothing_where_it_stands_has_a_message() {
    let cases = [
        "#[public] struct A;",
        "#[public] mod a { async fn b() {} }",
        "#[public] mod a;",
        "#[public] impl A {}",
        "#[public] trait A {}",
        "#[public] impl A for B {}",
        "#[public] thread_local! {}",
        "#[public] fn a() {}",
        "#[public] fn a() -> impl Future { async {} }",
        "#[public] async fn a(&self) {}",
        "#[public] #[tokio::test] async fn a() {}",
        "#[public] #[public] async fn a() {}",
        "#[public(scopes(\"a\"), crate = ::a, stat)] async fn a() {}",
        "#[public(crate = a)] async fn a() {}",
        "#[public = \"a\"] async fn a() {}",
        "trait A { #[public] fn a(); }",
        "#[helper] struct A;",
        "#[helper] use a::b;",
        "#[helper] macro_rules! a { () => {} }",
        "#[helper] impl A { async fn b() {} }",
        "#[helper] impl A for B { async fn b() {} }",
        "#[helper] trait A {}",
        "#[helper] #[helper] async fn a() {}",
        "#[helper(always)] async fn a() {}",
        "#[helper = \"a\"] async fn a() {}",
        "#[helper] #[public] async fn a() {}",
        "#[helper] #[with_api_auth_required] async fn a() {}",
        "#[helper] #[with_api_auth_required] mod a {}",
        "#[public] #[with_api_auth_required] async fn a() {}",
        "#[with_api_auth_required] struct A;",
        "#[with_api_auth_required] fn a() {}",
        "#[with_api_auth_required] mod a;",
        "#[with_api_auth_required] #[test] async fn a() {}",
        "#[with_api_auth_required] impl A for B {}",
        "impl A for B { #[with_api_auth_required] async fn a() {} }",
        "#[with_api_auth_required(stat = S)] async fn a() {}",
        "#[public] async fn a(id) {}",
        "async fn a(__public: ::auth_runtime::__private::Public) {}",
        "#[public] async fn a(__public: ::auth_runtime::__private::Public) {}",
        "#[public] async fn a(__auth: ::auth_runtime::__private::Guard<X>) {}",
        "/// Documented.\n#[helper] #[auth_runtime::public] #[with_api_auth_required] async fn a(id) {}",
        "#[with_api_auth_required(stat = S)] mod a { async fn b() {} }",
    ];
    let modules = cases.map(|case| format!("mod api {{ {case} }}"));
    check_messages("marks.txt", modules.iter().map(|item| ("", item.as_str())));
    for item in &modules {
        let item = expand("", item).item.to_string();
        for ours in ["public", "helper", "with_api_auth_required"] {
            assert!(!item.contains(&format!("[{ours}")) && !item.contains(&format!("[ {ours}")), "{item}");
        }
    }
}

#[test]
fn an_attribute_of_the_name_of_ours_at_another_path_has_a_message() {
    let cases = [
        "#[openapi_x::public] async fn a() {}",
        "#[::openapi_x::with_api_auth_required(a)] mod b { async fn c() {} }",
        "#[crate::helper] struct A;",
        "#[x::helper] fn a() {}",
    ];
    let modules = cases.map(|case| format!("mod api {{ {case} }}"));
    check_messages("foreign.txt", modules.iter().map(|item| ("", item.as_str())));
    assert!(expand("", &modules[0]).item.to_string().contains("__auth :"));
    // A function alone is none of our business, and is guarded all the same.
    let lone = expand("", "#[openapi_x::public] #[x::helper] async fn a() {}");
    assert!(lone.errors.is_empty() && lone.item.to_string().contains("__auth :"));
}

#[test]
fn a_conditional_attribute_on_a_nested_block_has_a_message() {
    let cases = [
        "#[cfg_attr(x, with_api_auth_required)] mod b { async fn c() {} }",
        "#[cfg_attr(x, cfg_attr(y, auth_runtime::with_api_auth_required(org)))] impl B { async fn c() {} }",
    ];
    let modules = cases.map(|case| format!("mod api {{ {case} }}"));
    check_messages("conditional.txt", modules.iter().map(|item| ("", item.as_str())));
    let inner =
        "mod a { #[cfg_attr(x, with_api_auth_required)] async fn b() {} #[cfg_attr(x, test)] mod c {} }";
    assert!(expand("", inner).errors.is_empty());
}

#[test]
fn public_and_guard_on_one_function_contradict_in_every_order() {
    let guarded = expand("", "async fn a() {}").item.to_string();
    let public = expand_public("", "async fn a() {}").item.to_string();
    check_messages("contradiction.txt", [("", "#[public] async fn a() {}"), ("", &*public)]);
    check_messages_of(
        "public",
        expand_public,
        "contradiction_public.txt",
        [("", "#[with_api_auth_required] async fn a() {}"), ("", &*guarded), ("", &*public)],
    );
}

#[test]
fn every_item_that_is_no_public_handler_has_a_message() {
    let inputs = "p: P, ".repeat(16);
    let many = format!("async fn handler({inputs}) {{}}");
    assert!(expand_public("", &many.replacen("p: P, ", "", 1)).errors.is_empty());
    let cases = [
        ("", "struct Handler;"),
        ("", "trait Handler {}"),
        ("", "impl Handler {}"),
        ("", "impl Handler for X {}"),
        ("", "mod handlers { async fn a() {} }"),
        ("", "mod handlers;"),
        ("", "handlers!();"),
        ("", "fn handler() {}"),
        ("", "async unsafe fn handler(&self) {}"),
        ("", "async fn handler();"),
        ("optional", "async fn handler() {}"),
        ("scopes(\"a\", \"b\"), crate = auth", "async fn handler() {}"),
        ("", &*many),
    ];
    check_messages_of("public", expand_public, "public.txt", cases);
}

#[test]
fn every_function_that_is_no_policy_has_a_message() {
    let guarded = expand("", "async fn decides() -> Decision {}").item.to_string();
    let cases = [
        ("", "struct Members;"),
        ("", "mod policies {}"),
        ("", "async fn decides(&self) -> Decision {}"),
        ("", &*guarded),
        ("", "fn decides() -> Decision {}"),
        ("", "async unsafe fn decides() {}"),
        ("", "async fn decides<'a>(a: &'a Session, (b): (&mut Parts)) -> Decision {}"),
        ("", "async fn decides(a: impl Extractor, #[cfg(x)] b: B) -> Decision {}"),
        ("", "async fn decides(Json(a): axum::Json<A>, b: (Bytes), c: Request, d: String) -> Decision {}"),
        ("state = A, crate = auth", "async fn decides() -> Decision {}"),
    ];
    check_messages_of("policy", expand_policy, "policies.txt", cases);
}

#[test]
fn a_value_of_a_policy_without_a_policy_has_a_message() {
    check_messages(
        "permitted.txt",
        [
            ("", "async fn show(Permitted(order): Permitted<Order>) {}"),
            (
                "roles(\"a\")",
                "async fn show(user: User, order: (policy::Permitted<Order>), b: Permitted<B>) {}",
            ),
        ],
    );
    let public = [("", "async fn show(order: Permitted<Order>) {}")];
    check_messages_of("public", expand_public, "permitted_public.txt", public);
}

#[test]
fn helper_alone_has_a_message() {
    check_messages_of("helper", expand_helper, "helper.txt", [("", "async fn load() {}"), ("", "struct A;")]);
    check_messages(
        "helper_below.txt",
        [("", "#[helper] async fn a() {}"), ("", "#[helper] mod a { async fn b() {} }")],
    );
}

#[test]
fn what_follows_syntax_that_is_not_known_does_not_pass_unguarded() {
    check_messages(
        "unknown_syntax.txt",
        [
            ("", "mod a { async gen fn b() {} async fn c() {} }"),
            ("", "mod a { const B: u8 = 1 async fn c() {} struct D; async fn e() {} }"),
            ("", "mod a { struct B<T async fn c() {} struct D; }"),
            ("", "mod a { async fn b(&pin c: D) {} async fn e() {} }"),
            ("", "mod a { async fn b() }"),
            ("", "mod a { #[b } async fn c() {} }".replace("#[b }", "#b").as_str()),
            ("", "mod a"),
            ("", "mod a { reuse path::list; async fn b() {} }"),
            ("", "mod a { || { async fn b() {} } }"),
            ("", "mod a { { async fn b() {} } }"),
            ("", "mod a { view impl Api { async fn b() {} } }"),
            ("", "mod a { impl Api where A < B { } async fn c() {} impl D { async fn e() {} } }"),
        ],
    );
}

fn check_options(file: &str, cases: &[&str]) {
    let item = "async fn handler(id: Id) -> u8 { user.id() }";
    check_messages(file, cases.iter().map(|arguments| (*arguments, item)));
}

fn check_messages<'a>(file: &str, cases: impl IntoIterator<Item = (&'a str, &'a str)>) {
    check_messages_of("with_api_auth_required", expand, file, cases);
}

fn check_messages_of<'a>(
    attribute: &str,
    expand: impl Fn(&str, &str) -> Expansion,
    file: &str,
    cases: impl IntoIterator<Item = (&'a str, &'a str)>,
) {
    let mut shown = String::new();
    for (arguments, item) in cases {
        let expansion = expand(arguments, item);
        assert!(!expansion.errors.is_empty(), "no message for ({arguments}) on {item}");
        writeln!(shown, "#[{attribute}({arguments})]\n{item}").unwrap();
        for error in &expansion.errors {
            let at = error.at.as_deref().map_or("the attribute".to_owned(), |at| format!("`{at}`"));
            writeln!(shown, "    at {at}: {}", error.text).unwrap();
        }
        let written: proc_macro2::TokenStream = item.parse().unwrap();
        let untouched = expansion.item.to_string() == written.to_string();
        writeln!(shown, "    the item is {}\n", if untouched { "untouched" } else { "expanded" }).unwrap();
    }
    check(&format!("messages/{file}"), &shown);
}
