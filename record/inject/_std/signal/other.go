package signal

// What is added to this package is for Unix; elsewhere there is nothing to it.

func tracekitReset() {}

func tracekitSignal(sig uint32) uint32 { return sig }
