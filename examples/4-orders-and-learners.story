# What each line of 4-orders-and-learners.ndjson is about: orders, learners, reallocation.
a new customer comes with an order for four
and with a manager
Ada, managing Gamma, requests two more
but assigning is not for customers, so not in managing mode
out of managing mode she assigns the first order; the year begins today
and rejects the second, saying why
Gil of Gamma orders one himself
and takes it back
what is cancelled cannot be assigned
learners arrive
the second
the third
Gil gives Nora a license
Ada gives Owen one
never two to one learner
Owen has logged in and has not left, so his license stays his
Owen leaves
his license goes to Pia, for what remains of it
and his name is removed everywhere
