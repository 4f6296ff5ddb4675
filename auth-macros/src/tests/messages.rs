//! What mistakes are told, what each message points at, and what becomes of the item.

use std::fmt::Write as _;

use super::snapshot::{check, expand};

#[test]
fn every_mistake_in_the_options_has_a_message() {
    let cases = [
        // Names.
        "stat = AppState",
        "State = AppState",
        "krate = ::auth_runtime",
        "colour = \"red\"",
        "scop(\"read:reports\")",
        "scopes(\"read:reports\")",
        "max_age = \"5m\"",
        "optional",
        // Values of `state`.
        "state",
        "state AppState",
        "state =",
        "state = , crate = ::auth_runtime",
        "state = \"AppState\"",
        "state = 5",
        "state = _",
        "state = impl Clone",
        "state(AppState)",
        "state[AppState]",
        "state { AppState }",
        "state = AppState + Clone",
        "state: AppState",
        // Values of `crate`.
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
        // Between options.
        "state = AppState crate = ::auth_runtime",
        "state = AppState; crate = ::auth_runtime",
        ", state = AppState",
        "state = AppState,, crate = ::auth_runtime",
        "\"AppState\"",
        "= AppState",
        "state = A, state = B",
        "state = A, state = B, state = C, crate = ::a, crate = ::b",
        // All at once.
        "scop(\"a\", \"b\"), state = \"S\", other = Map<A, B>, crate = auth, state = S, !",
    ];
    check_messages(
        "options.txt",
        cases.map(|arguments| (arguments, "async fn handler(id: Id) -> u8 { user.id() }")),
    );
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
        "pub mod handlers { pub async fn get() {} }",
        "impl Handlers { pub async fn get() {} }",
        "unsafe impl Handlers for X {}",
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

fn check_messages<'a>(file: &str, cases: impl IntoIterator<Item = (&'a str, &'a str)>) {
    let mut shown = String::new();
    for (arguments, item) in cases {
        let expansion = expand(arguments, item);
        assert!(!expansion.errors.is_empty(), "no message for ({arguments}) on {item}");
        writeln!(shown, "#[with_api_auth_required({arguments})]\n{item}").unwrap();
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
