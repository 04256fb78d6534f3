extension Int {
    /// A product; the most or the fewest there are when it is more or fewer.
    public func multiplied(by factor: Int) -> Int {
        let (product, isTooLarge) = multipliedReportingOverflow(by: factor)
        return isTooLarge ? ((self < 0) == (factor < 0) ? .max : .min) : product
    }

    /// A sum; the most or the fewest there are when it is more or fewer.
    public func plus(_ other: Int) -> Int {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? (other < 0 ? .min : .max) : sum
    }
}

extension Double {
    /// The number without its fraction; `nil` when that is no whole number of 64 bits.
    public var wholePart: Int? { Int(exactly: rounded(.towardZero)) }
}
