// #[with_api_auth_required]
// mod api {
//     #[public]
//     pub async fn health() -> u8 { #![expect(unused)] 1 }
//     /// Documented.
//     #[auth_runtime::public]
//     #[must_use]
//     async fn at_a_path(Path(id): Path<u64>) {}
//     #[public(crate = ::elsewhere)]
//     async fn rooted() {}
//     #[helper]
//     async fn spawned() {}
//     #[auth_runtime::helper]
//     async unsafe fn at_a_path_too() {}
//     #[helper]
//     fn later() -> impl Future<Output = ()> { async {} }
//     #[helper]
//     fn harmless() {}
//     #[helper]
//     mod elsewhere;
//     #[helper]
//     thread_local! { static A: u8 = 1; }
//     #[helper]
//     include!("more.rs");
// }

mod api {
    pub async fn health(__public: ::auth_runtime::__private::Public) -> u8 {
        #![expect(unused)]
        1
    }
    /// Documented.
    #[must_use]
    async fn at_a_path(
        __public: ::auth_runtime::__private::PublicGuard,
        ::auth_runtime::__private::Behind(
            Path(id),
        ): ::auth_runtime::__private::Behind<Path<u64>>,
    ) -> ::auth_runtime::__private::Guarded<()> {
        __public.enter();
        let __response = async move {
            if false {
                return ::auth_runtime::__private::never::<()>();
            }
            match () {
                () => {}
            }
        }
            .await;
        __public.finish(__response).await
    }
    async fn rooted(__public: ::elsewhere::__private::Public) {}
    async fn spawned() {}
    async unsafe fn at_a_path_too() {}
    fn later() -> impl Future<Output = ()> {
        async {}
    }
    fn harmless() {}
    mod elsewhere;
    thread_local! {
        static A : u8 = 1;
    }
    include!("more.rs");
}
