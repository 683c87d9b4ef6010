package domain

import "reflect"

// Names are the ids that a command mentions, found by the types of its fields,
// so that a new kind is covered by itself.
type Names struct {
	Sellers       []SellerID
	Accounts      []AccountID
	Products      []ProductID
	Contracts     []ContractID
	Users         []UserID
	Learners      []LearnerID
	Orders        []OrderID
	Lots          []LotID
	Licenses      []LicenseID
	Subscriptions []SubscriptionID
	Deployments   []DeploymentID
}

// NamesIn collects the ids in a command's fields.
func NamesIn(c Command) Names {
	var names Names
	names.collect(reflect.ValueOf(c))
	return names
}

func (n *Names) collect(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			n.collect(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			n.collect(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				n.collect(v.Field(i))
			}
		}
	case reflect.String:
		if v.Len() > 0 {
			n.add(v.Interface())
		}
	}
}

func (n *Names) add(id any) {
	switch id := id.(type) {
	case SellerID:
		n.Sellers = append(n.Sellers, id)
	case AccountID:
		n.Accounts = append(n.Accounts, id)
	case ProductID:
		n.Products = append(n.Products, id)
	case ContractID:
		n.Contracts = append(n.Contracts, id)
	case UserID:
		n.Users = append(n.Users, id)
	case LearnerID:
		n.Learners = append(n.Learners, id)
	case OrderID:
		n.Orders = append(n.Orders, id)
	case LotID:
		n.Lots = append(n.Lots, id)
	case LicenseID:
		n.Licenses = append(n.Licenses, id)
	case SubscriptionID:
		n.Subscriptions = append(n.Subscriptions, id)
	case DeploymentID:
		n.Deployments = append(n.Deployments, id)
	}
}
