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
    __public.enter();
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

// #[public()]
// async fn after(response: Response<impl Body>) -> Response { response }

async fn after(
    __public: ::auth_runtime::__private::PublicGuard<true>,
    response: Response<impl Body>,
) -> ::auth_runtime::__private::Guarded<Response> {
    __public.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<Response>();
        }
        match () {
            () => response,
        }
    }
        .await;
    __public.finish(__response).await
}

// #[public()]
// #[instrument]
// async fn no_parameters_yet() {}

#[instrument]
#[::auth_runtime::__private::behind(::auth_runtime::__private::Behind)]
async fn no_parameters_yet(
    __public: ::auth_runtime::__private::PublicGuard,
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
