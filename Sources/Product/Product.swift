/// What is said of all of shipit's programs.
public enum Product {
    /// The version that the command and its two services say they are; they are built and shipped together.
    public static let version = "0.1.0"
}
