// What a user of openapi-typescript and openapi-fetch would write: a sale, from the login to the deletion.
import assert from "node:assert/strict";

import createClient from "openapi-fetch";

import type { components, paths } from "./schema.js";

const [baseUrl, email, password] = process.argv.slice(2) as [string, string, string];
const money = 1234567.89;
const client = createClient<paths>({ baseUrl, querySerializer: { array: { style: "form", explode: false } } });

const issued = await client.POST("/auth/token", { body: { email, password, device_name: "Program" } });
assert(issued.data);
const { token } = issued.data;
client.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
});

const person = await client.POST("/people", { body: { first_name: "Maria" } });
const product = await client.POST("/products", { body: { name: "Consulting", unit_price: money } });
assert(person.data && product.data);
const product_id = product.data.data.id;
const line_items: components["schemas"]["LineItemCreate"][] = [1, 2.5].map((quantity) => ({
  product_id,
  quantity,
  unit_price: money,
  amount: money,
}));
const quote = await client.POST("/quotes", {
  body: { title: "Program", total: money, person_id: person.data.data.id, line_items },
});
assert(quote.data);
const { id, total, line_items: shown } = quote.data.data;
assert.equal(total, money);
assert.deepEqual(shown.map((line) => [line.quantity, line.amount]), [[1, money], [2.5, money]]);

const listed = await client.GET("/quotes", { params: { query: { sort: ["-total", "title"], per_page: 1 } } });
assert.equal(listed.data?.data[0]?.id, id);
const changed = await client.PATCH("/quotes/{id}", { params: { path: { id } }, body: { terms: "14 days net" } });
assert.deepEqual([changed.data?.data.terms, changed.data?.data.version], ["14 days net", 2]);

const refused = await client.POST("/quotes", { body: { title: " " } });
assert.equal(refused.response.status, 422);
assert(refused.error && "errors" in refused.error);
assert.deepEqual(refused.error.errors, { title: ["The title field is required."] });

assert.equal((await client.DELETE("/quotes/{id}", { params: { path: { id } } })).response.status, 204);
assert.equal((await client.DELETE("/auth/token")).response.status, 204);
console.log("done");
