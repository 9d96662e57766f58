import Product
import Serving

/// What the API is, for programs.
struct DescriptionRoute: Sendable {
    func add(to routes: Routes) {
        // Made once: nothing in it changes while the service runs.
        let document = Result { try OpenAPI.document(version: Product.version) }
        routes.on(.openAPI) { call in call.answer(try document.get()) }
    }
}
