public partial class Initial {}
