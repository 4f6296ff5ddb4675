// #[public()]
// /// Documented.
// pub async fn health() -> impl IntoResponse { "ok" }

/// Documented.
pub async fn health(__public: ::auth_runtime::__private::Public) -> impl IntoResponse {
    "ok"
}

// #[public(crate = crate::auth)]
// async fn generic<T>(mut a: A, #[cfg(x)] b: B) -> T where T: Send { #![expect(unused)] a }

async fn generic<T>(
    __public: crate::auth::__private::PublicGuard,
    crate::auth::__private::Behind(mut a): crate::auth::__private::Behind<A>,
    #[cfg(x)]
    crate::auth::__private::Behind(b): crate::auth::__private::Behind<B>,
) -> crate::auth::__private::Guarded<T>
where
    T: Send,
{
    #![expect(unused)]
    let __response = async move {
        if false {
            return crate::auth::__private::never::<T>();
        }
        match () {
            () => a,
        }
    }
        .await;
    __public.finish(__response).await
}
