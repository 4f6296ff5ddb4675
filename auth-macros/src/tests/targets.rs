//! The expansions of modules, `impl` blocks and the attributes inside them.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::snapshot::{check, expand, expand_public};

#[test]
fn every_async_function_of_a_module_is_guarded() {
    check_expansions(
        "module.rs",
        &[
            "/// Documented.
            #[cfg(feature = \"api\")]
            pub(crate) mod api {
                #![expect(unused_imports)]
                //! Also documented.
                use super::*;
                extern crate alloc;
                const LIMIT: u64 = { 1 } + 2;
                static NAMES: [&str; { 1 }] = [\"a\"];
                type Page = Vec<Report>;
                macro_rules! local { () => { async fn not_an_item() {} } }
                pub struct Report<const N: usize = { 3 }>(u8);
                #[derive(Clone)]
                enum Kind { A { b: u8 } }
                extern \"C\" { fn foreign(); }
                /// A handler.
                #[tracing::instrument(skip_all)]
                pub async fn list<T: Store>(State(s): State<T>) -> Json<Page> where T: Send { s.list(user).await }
                async fn private(user: User) {}
                fn synchronous() -> Page { async fn inner() {} Vec::new() }
                const fn constant() {}
                unsafe fn dangerous() {}
                fn later(&self) -> BoxFuture<'_, u8> { todo!() }
                #[tokio::test]
                async fn a_test() {}
                #[test]
                fn another() {}
            }",
        ],
    );
}

#[test]
fn every_associated_async_function_of_an_impl_block_is_guarded() {
    check_expansions(
        "impl_block.rs",
        &["/// Documented.
            #[cfg(feature = \"api\")]
            impl<'a, T: Store> Api<'a, T> where T: for<'b> Read<'b> {
                #![expect(unused)]
                pub const LIMIT: usize = 10;
                pub async fn list(State(store): State<T>) -> Json<Vec<Self>> { Self::LIMIT }
                #[public]
                pub async fn count() -> usize { 1 }
                #[helper]
                async fn load(&self) -> u8 { 1 }
                fn new() -> Self { Self }
                fn boxed(self: &Arc<Self>) -> BoxFuture<'_, ()> { todo!() }
            }"],
    );
}

#[test]
fn modules_and_impl_blocks_inside_are_reached() {
    check_expansions(
        "nested.rs",
        &["mod outer {
                mod inner {
                    #[cfg(a)]
                    mod innermost { async fn deep() {} }
                    #[with_api_auth_required(state = Inner)]
                    impl Api {
                        async fn method() {}
                        #[auth_runtime::with_api_auth_required(state = Method, crate = ::method)]
                        async fn own_options() {}
                    }
                }
                trait Load: Sized {
                    async fn load(&mut self) -> Self;
                    #[helper]
                    async fn make() -> Self { todo!() }
                    fn later(self: &Self) -> impl Future;
                }
                trait Alias = Load;
                impl<T> FromRequestParts<T> for Api {
                    type Rejection = ();
                    #[helper]
                    async fn from_request_parts(parts: &mut Parts, state: &T) -> Result<Self, ()> { Ok(Self) }
                }
                impl tower::Service<u8> for Api {
                    type Future = BoxFuture<'static, u8>;
                    fn call(&mut self, request: u8) -> Self::Future { todo!() }
                }
                #[helper]
                mod tests { async fn support() {} #[with_api_auth_required] async fn on_its_own() {} }
            }"],
    );
}

#[test]
fn what_the_compiler_has_to_judge_has_a_check_beside_it() {
    check_expansions(
        "checks.rs",
        &[
            "mod api {
                /// Documented.
                #[cfg(unix)]
                #[must_use]
                #[allow(clippy::x)]
                #[expect(unused, reason = \"a\")]
                pub fn pick<'a, T: Of<'a>, const N: usize>((a, mut b): (T, &'static T), by: impl Fn(&'a T) -> u8) -> R<T, N>
                where T: Copy { BODY }
                pub const extern \"C\" fn r#type() -> u8 { 1 }
                #[instrument]
                fn attribute() {}
                #[cfg(unix)]
                static LIMIT: Limit<'static> = VALUE;
            }",
            "impl<T> Api<T> {
                fn own(mut self, other: Self) -> Self { self }
                fn boxed<U: Into<T>>(self: Box<Self>, _: U) -> Box<Self> { self }
                const LIMIT: Limit<Self> = VALUE;
            }",
            "#[with_api_auth_required(crate = crate::auth)]
            mod api {
                trait Load {
                    const LIMIT: Limit;
                    fn load<T>(self, t: T) -> Self::Item where T: Copy;
                    fn provided() -> impl Iterator { BODY }
                }
                impl<T> Load for Api<T> {
                    const LIMIT: Limit = VALUE;
                    fn load<T>(self, t: T) -> Self::Item where T: Copy { #![allow(x)] BODY }
                }
            }",
        ],
    );
}

#[test]
fn what_no_router_takes_has_no_check() {
    for item in [
        "fn a() {}",
        "fn a() -> () {}",
        "#[inline] fn a(b: B) -> ! { loop {} }",
        "unsafe fn a() -> B { B }",
        "fn a(b: &str) -> B { B }",
        "impl A { fn b(&self) -> C { C } }",
        "impl A { fn b(self: &Arc<Self>) -> C { C } }",
        "const _: fn() = || {};",
        "const _: A = 1;",
        "#[helper] const A: fn() = b;",
        "#[helper] fn a() -> impl Future { b() }",
        "#[test] fn a() -> B { B }",
    ] {
        let expansion = expand("", &format!("mod a {{ {item} }}"));
        assert!(expansion.errors.is_empty(), "{item}");
        assert!(!expansion.item.to_string().contains("verdict"), "{item}");
    }
}

#[test]
fn public_and_helper_are_taken_off() {
    check_expansions(
        "public_and_helper.rs",
        &["mod api {
                #[public]
                pub async fn health() -> u8 { #![expect(unused)] 1 }
                /// Documented.
                #[auth_runtime::public]
                #[must_use]
                async fn at_a_path(Path(id): Path<u64>) {}
                #[public(crate = ::elsewhere)]
                async fn rooted() {}
                #[helper]
                async fn spawned() {}
                #[auth_runtime::helper]
                async unsafe fn at_a_path_too() {}
                #[helper]
                fn later() -> impl Future<Output = ()> { async {} }
                #[helper]
                fn harmless() {}
                #[helper]
                mod elsewhere;
                #[helper]
                thread_local! { static A: u8 = 1; }
                #[helper]
                include!(\"more.rs\");
            }"],
    );
}

#[test]
fn a_public_handler_changes_in_its_first_parameter_only() {
    let shown: Vec<String> = [
        ("", "#[public] /// Documented.\npub async fn health() -> impl IntoResponse { \"ok\" }"),
        (
            "crate = crate::auth",
            "async fn generic<T>(mut a: A, #[cfg(x)] b: B) -> T where T: Send { #![expect(unused)] a }",
        ),
        ("", "async fn after(response: Response<impl Body>) -> Response { response }"),
        ("", "#[instrument]\nasync fn no_parameters_yet() {}"),
    ]
    .iter()
    .map(|(arguments, item)| {
        let item = item.replace("#[public] ", "");
        let expansion = expand_public(arguments, &item);
        assert!(expansion.errors.is_empty(), "{item}");
        format!("// #[public({arguments})]\n// {}\n\n{}", commented(&item), pretty(expansion.item))
    })
    .collect();
    check("public.rs", &shown.join("\n"));
}

#[test]
fn the_innermost_root_counts() {
    let expansion = expand(
        "crate = ::outer",
        "mod a { #[public] async fn a() {} #[with_api_auth_required(crate = ::inner)] mod b { #[public] async fn c() {} } }",
    );
    let text = expansion.item.to_string();
    assert!(text.contains("__public : :: outer") && text.contains("__public : :: inner"), "{text}");
    assert!(!text.contains("auth_runtime"), "{text}");
}

#[test]
fn a_module_in_an_invisible_group_is_guarded() {
    let group =
        |text: &str| TokenTree::Group(Group::new(Delimiter::None, text.parse::<TokenStream>().unwrap()));
    for attribute in ["", "#[cfg(x)]"] {
        let mut item: TokenStream = attribute.parse().unwrap();
        item.extend([group("#[allow(x)] mod a { async fn b() {} }")]);
        let expanded = crate::attribute::with_api_auth_required(TokenStream::new(), item).to_string();
        assert!(expanded.contains("__auth :"), "{expanded}");
        assert!(!expanded.contains("compile_error"), "{expanded}");
    }
    let items: TokenStream =
        [group("#[allow(x)] pub async fn b() {}"), group("struct C;"), group("async fn d() {}")]
            .into_iter()
            .collect();
    let mut module: TokenStream = "mod a".parse().unwrap();
    module.extend([TokenTree::Group(Group::new(Delimiter::Brace, items))]);
    let expanded = crate::attribute::with_api_auth_required(TokenStream::new(), module).to_string();
    assert_eq!(expanded.matches("__auth :").count(), 2, "{expanded}");
}

#[test]
fn a_body_with_a_mistake_in_it_is_kept_beside_its_neighbours() {
    let expansion =
        expand("", "mod a { async fn b() { let = ; } fn c() { user. } struct D; async fn e() {} }");
    assert!(expansion.errors.is_empty());
    let text = expansion.item.to_string();
    for kept in ["let = ;", "user .", "struct D ;"] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert_eq!(text.matches("__auth :").count(), 2, "{text}");
}

#[test]
fn a_module_below_two_attributes_has_the_options_of_both() {
    let expansion = expand("crate = ::a", "#[with_api_auth_required(state = S)] mod b { async fn c() {} }");
    let text = expansion.item.to_string();
    assert!(text.contains(":: a :: __private :: Guard") && text.contains("__Type_b_1_0 = S ;"), "{text}");
    assert!(!text.contains("with_api_auth_required"), "{text}");
}

#[test]
fn braces_of_a_macro_in_a_type_are_not_the_end_of_an_item() {
    let expansion = expand(
        "",
        "mod a { impl me!{Api} { async fn b() {} } async fn c() -> ty!{u8} { 1 } impl T for ! {} async fn d() {} \
         fn e() -> ! { loop {} } async fn f() {} }",
    );
    assert!(expansion.errors.is_empty());
    let text = expansion.item.to_string();
    assert_eq!(text.matches("__auth :").count(), 4, "{text}");
}

#[test]
fn an_async_function_of_a_trait_for_a_macros_type_is_seen() {
    for item in ["impl Tr for m!{X} { async fn b() {} }", "impl Tr for X where m!{A}: B { async fn b() {} }"]
    {
        assert_eq!(expand("", &format!("mod a {{ {item} }}")).errors.len(), 1, "{item}");
    }
}

#[test]
fn only_a_known_test_attribute_lifts_the_guard() {
    for attribute in
        ["test", "tokio::test", "core::prelude::v1::test", "::sqlx::test(migrations = \"m\")", "rstest::test"]
    {
        let text = expand("", &format!("mod a {{ #[{attribute}] async fn b() {{}} }}")).item.to_string();
        assert!(!text.contains("__auth :"), "{text}");
    }
    for attribute in ["openapi_x::test", "crate::test", "tokio::x::test", "std::test", "tests"] {
        let text = expand("", &format!("mod a {{ #[{attribute}] async fn b() {{}} }}")).item.to_string();
        assert!(text.contains("__auth :"), "{text}");
    }
}

#[test]
fn what_a_router_can_not_call_is_left_alone() {
    for item in [
        "impl FromRequestParts<S> for X { async fn from_request_parts(parts: &mut Parts, state: &S) -> u8 { 1 } }",
        "trait Load { async fn load(name: &str); fn later(self: Pin<&mut Self>) -> BoxFuture<'static, ()>; }",
        "impl IntoFuture for X { fn into_future(self) -> Self::IntoFuture { todo!() } }",
        "impl Future for X { fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ready> { todo!() } }",
        "fn later(name: &str) -> BoxFuture<'_, ()> { todo!() }",
        "#[helper] const LIST: fn() -> BoxFuture<'static, ()> = list;",
        "#[helper] static LIST: fn() -> BoxFuture<'static, ()> = list;",
        "#[helper] async fn load(name: &str) {}",
    ] {
        let expansion = expand("", &format!("mod a {{ {item} }}"));
        let errors: Vec<&str> = expansion.errors.iter().map(|error| error.text.as_str()).collect();
        assert!(errors.is_empty(), "{item}: {errors:?}");
        assert!(!expansion.item.to_string().contains("__auth :"), "{item}");
    }
    let lasting = expand("", "mod a { async fn b(name: &'static str) {} }");
    assert!(lasting.errors.is_empty() && lasting.item.to_string().contains("__auth :"));
}

fn check_expansions(file: &str, items: &[&str]) {
    let shown: Vec<String> = items
        .iter()
        .map(|item| {
            let expansion = expand("", item);
            let errors: Vec<&str> = expansion.errors.iter().map(|error| error.text.as_str()).collect();
            assert!(errors.is_empty(), "{item}: {errors:?}");
            format!("// #[with_api_auth_required]\n// {}\n\n{}", commented(item), pretty(expansion.item))
        })
        .collect();
    check(file, &shown.join("\n"));
}

/// Without the indentation that the case has here.
fn commented(item: &str) -> String {
    item.lines()
        .map(|line| line.strip_prefix("            ").unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n// ")
}

fn pretty(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).unwrap())
}
