package domain

// Keys is what one command locks and reads.
type Keys struct {
	Accounts      []AccountID // locked, in id order
	Lots          []LotID
	Licenses      []LicenseID
	Orders        []OrderID
	Deployments   []DeploymentID
	Subscriptions []SubscriptionID
	Learners      []LearnerKey

	Stock     map[Pool]int64 // open lots, at least this many licenses of them
	Held      map[Pool]int64 // open licenses, at least this many available
	Seats     []SeatPool     // running subscriptions
	InUse     []LearnerPool  // live allocations of learners
	Allocated []LicenseID    // live allocations on licenses
	Deployed  []LicenseID    // active deployments that hold licenses

	Created map[string]Owner // table and id → where it will belong
}

// Tables whose rows commands name by id alone.
const (
	tableOrder        = "order"
	tableLicense      = "license"
	tableDeployment   = "deployment"
	tableSubscription = "subscription"
)

// Account locks an account without reading its rows.
func (k *Keys) Account(a AccountID) {
	if a != "" {
		k.Accounts = append(k.Accounts, a)
	}
}

// OpenLots locks an account and reads its stock of a product, as much as the quantity needs.
func (k *Keys) OpenLots(a AccountID, p ProductID, quantity Quantity) {
	k.Account(a)
	if k.Stock == nil {
		k.Stock = map[Pool]int64{}
	}
	k.Stock[Pool{a, p}] += int64(quantity)
}

// OpenLicenses locks an account and reads its licenses of a product, until as
// many as the quantity are available.
func (k *Keys) OpenLicenses(a AccountID, p ProductID, quantity Quantity) {
	k.Account(a)
	if k.Held == nil {
		k.Held = map[Pool]int64{}
	}
	k.Held[Pool{a, p}] += int64(quantity)
}

// Lot reads a lot that is named by id, and locks its account.
func (k *Keys) Lot(s *State, id LotID) {
	k.Lots = append(k.Lots, id)
	k.Account(s.owners[tableLot+" "+string(id)].Account)
}

// License reads a batch of licenses that is named by id, and locks its account.
func (k *Keys) License(s *State, id LicenseID) Owner {
	if id == "" {
		return Owner{}
	}
	k.Licenses = append(k.Licenses, id)
	owner := s.owners[tableLicense+" "+string(id)]
	k.Account(owner.Account)
	return owner
}

// Order reads an order and locks its account.
func (k *Keys) Order(s *State, id OrderID) Owner {
	k.Orders = append(k.Orders, id)
	owner := s.owners[tableOrder+" "+string(id)]
	k.Account(owner.Account)
	return owner
}

// Deployment reads a deployment and locks its owner and its creator.
func (k *Keys) Deployment(s *State, id DeploymentID) Owner {
	k.Deployments = append(k.Deployments, id)
	owner := s.owners[tableDeployment+" "+string(id)]
	k.Account(owner.Account)
	k.Account(owner.Second)
	return owner
}

// Subscription reads a subscription with all others of its customer under its
// contract, and locks the customer.
func (k *Keys) Subscription(s *State, id SubscriptionID) Owner {
	k.Subscriptions = append(k.Subscriptions, id)
	owner, known := s.owners[tableSubscription+" "+string(id)]
	if known {
		k.SeatsOf(owner.Contract, owner.Account)
	}
	return owner
}

// SeatsOf reads the running subscriptions of a customer under a contract.
func (k *Keys) SeatsOf(c ContractID, a AccountID) {
	k.Account(a)
	k.Seats = append(k.Seats, SeatPool{c, a})
}

// Learner reads a learner and the license of a product that is in use by it.
func (k *Keys) Learner(a AccountID, p ProductID, l LearnerID) {
	k.Account(a)
	k.Learners = append(k.Learners, Learner{Account: a, Learner: l}.Key())
	if p != "" {
		k.InUse = append(k.InUse, LearnerPool{a, p, l})
	}
}

// creates says what the command will create, for later commands of the same
// batch that name it: the store cannot find it yet.
func (k *Keys) creates(table, id string, o Owner) {
	if k.Created == nil {
		k.Created = map[string]Owner{}
	}
	k.Created[table+" "+id] = o
}

// LearnCreated lets the commands after this one find what it will create.
func (s *State) LearnCreated(k *Keys) {
	for key, owner := range k.Created {
		s.owners[key] = owner
	}
}
