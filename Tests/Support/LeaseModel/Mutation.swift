/// A rule left out, to see that it is needed.
public enum Mutation: String, CaseIterable, Sendable {
    case tokenIsNotRaised = "a lease that is taken over keeps its token"
    case appendIgnoresToken = "an append does not prove its lease"
    case appendIgnoresPosition = "an append does not name the position it expects"
    case renewalRevives = "a renewal brings back a lease that another has taken"
    case releaseIgnoresToken = "giving up a lost lease frees the new holder's"
    case lateRenewalShortens = "a renewal that was cut off on its way shortens what a newer one made longer"
    case releaseIsNotConfirmed = "a release that was never answered is not made again before the lease is taken"
    case coverIsForgotten = "a program is begun under the lease's short life"
    case coverHasNoMargin = "the lease lasts until the attempt's deadline and not until its program is surely gone"
    case timeCountsFromAnswer = "an attempt's time counts from the answer of its cover and not from the asking"
    case lateIsBegun = "a program is begun although the attempt's time is over"
    case startIsNotRecorded = "a program is begun before that is durable"
    case nobodyLooks = "what became of the last step is not looked at"
    case looksWithoutLease = "what became of the last step is looked at without the lease"
    case deadIsTakenForGone = "a dead holder is not waited for although its program is at work"
}
