import HTTPTypes
import Hummingbird
import Product
import Serving

/// What the API is, and what it counts of itself, for programs.
struct DescriptionRoute: Sendable {
    let metrics: Metrics

    func add(to routes: Routes) {
        // Made once: nothing in it changes while the service runs.
        let document = Result { JSON.Prepared(try OpenAPI.document(version: Product.version)) }
        routes.on(.openAPI) { call in try document.get().response(to: call.request) }
        routes.on(.metrics) { _ in
            Response(
                status: .ok, headers: [.contentType: Route.metrics.text.type, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: await metrics.text())))
        }
    }
}
