// What a user of the generated Go client would write: a sale, from the login to the deletion.
package main

import (
	"context"
	"fmt"
	"os"

	crm "example.com/crm"
)

const money = 1234567.89

// must ends the program where something is not as it should be.
func must(holds bool, what string) {
	if !holds {
		fmt.Println(what)
		os.Exit(1)
	}
}

func done(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func named(id string) crm.RecordReference {
	return crm.RecordReference{String: &id}
}

func line(product crm.RecordReference, quantity float64) crm.LineItemCreate {
	line := crm.NewLineItemCreate(product, quantity)
	line.SetUnitPrice(money)
	line.SetAmount(money)
	return *line
}

func main() {
	url, email, password := os.Args[1], os.Args[2], os.Args[3]
	configuration := crm.NewConfiguration()
	configuration.Servers = crm.ServerConfigurations{{URL: url}}
	client := crm.NewAPIClient(configuration)

	credentials := crm.NewCredentials(email, password)
	issued, _, err := client.AuthenticationAPI.CreateToken(context.Background()).Credentials(*credentials).Execute()
	done(err)
	ctx := context.WithValue(context.Background(), crm.ContextAccessToken, issued.Token)

	wanted := crm.NewPersonCreate("Maria")
	person, _, err := client.PeopleAPI.CreatePerson(ctx).PersonCreate(*wanted).Execute()
	done(err)
	product, _, err := client.ProductsAPI.CreateProduct(ctx).ProductCreate(*crm.NewProductCreate("Consulting")).Execute()
	done(err)

	sent := crm.NewQuoteCreate("Program")
	sent.SetTotal(money)
	sent.SetPersonId(named(person.Data.Id))
	sent.SetLineItems([]crm.LineItemCreate{line(named(product.Data.Id), 1), line(named(product.Data.Id), 2.5)})
	quote, _, err := client.QuotesAPI.CreateQuote(ctx).QuoteCreate(*sent).Execute()
	done(err)
	must(quote.Data.GetTotal() == money, "The total has changed.")
	must(quote.Data.LineItems[1].Amount == money && quote.Data.LineItems[1].Quantity == 2.5, "A line has changed.")
	owner := quote.Data.GetPerson()
	must(owner.Id == person.Data.Id, "The quote is of somebody else.")

	order := []crm.QuoteSort{crm.QUOTE_BY_TOTAL_DESC, crm.QUOTE_BY_TITLE}
	listed, _, err := client.QuotesAPI.ListQuotes(ctx).Sort(order).PerPage(1).Execute()
	done(err)
	must(listed.Data[0].Id == quote.Data.Id, "The list begins with another quote.")

	change := crm.NewQuoteUpdate()
	change.SetTerms("14 days net")
	changed, _, err := client.QuotesAPI.UpdateQuote(ctx, quote.Data.Id).QuoteUpdate(*change).Execute()
	done(err)
	must(changed.Data.GetTerms() == "14 days net" && changed.Data.Version == 2, "The change is not shown.")

	_, answer, err := client.QuotesAPI.CreateQuote(ctx).QuoteCreate(*crm.NewQuoteCreate(" ")).Execute()
	must(err != nil && answer.StatusCode == 422, "A quote without a title was taken.")
	refused := err.(*crm.GenericOpenAPIError).Model().(crm.ValidationError)
	must(refused.Errors["title"][0] == "The title field is required.", "The fault is another one.")

	_, err = client.QuotesAPI.DeleteQuote(ctx, quote.Data.Id).Execute()
	done(err)
	_, err = client.AuthenticationAPI.DeleteToken(ctx).Execute()
	done(err)
	fmt.Println("done")
}
