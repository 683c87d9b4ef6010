package main

// sabotage is what a mutant needs to be done to the database.
func sabotage() string { return "SELECT 1" }

// mutantEnv tells the worker which safeguard it is to do without.
func mutantEnv() []string { return nil }
