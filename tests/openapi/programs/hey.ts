// What a user of @hey-api/openapi-ts would write: a sale, from the login to the deletion.
import assert from "node:assert/strict";

import { client } from "./hey/client.gen.js";
import {
  createLead,
  createPerson,
  createProduct,
  createQuote,
  createToken,
  deleteQuote,
  deleteToken,
  listQuotes,
  updateQuote,
} from "./hey/sdk.gen.js";
import type { LeadCreate } from "./hey/types.gen.js";

const [baseUrl, email, password] = process.argv.slice(2) as [string, string, string];
const money = 1234567.89;
client.setConfig({ baseUrl });

const issued = await createToken({ body: { email, password, device_name: "Program" }, throwOnError: true });
client.setConfig({ baseUrl, auth: issued.data.token });

const person = await createPerson({ body: { first_name: "Maria" }, throwOnError: true });
const product = await createProduct({ body: { name: "Consulting", unit_price: money }, throwOnError: true });
const wanted: LeadCreate = { title: "Program", person_id: person.data.data.id };
const lead = await createLead({ body: wanted, throwOnError: true });
assert.equal(lead.data.data.person?.id, person.data.data.id);

const product_id = product.data.data.id;
const quote = await createQuote({
  body: {
    title: "Program",
    total: money,
    person_id: person.data.data.id,
    line_items: [1, 2.5].map((quantity) => ({ product_id, quantity, unit_price: money, amount: money })),
  },
  throwOnError: true,
});
const { id, total, line_items } = quote.data.data;
assert.equal(total, money);
assert.deepEqual(line_items.map((line) => [line.quantity, line.amount]), [[1, money], [2.5, money]]);

const listed = await listQuotes({ query: { sort: ["-total", "title"], per_page: 1 }, throwOnError: true });
assert.equal(listed.data.data[0]?.id, id);
const changed = await updateQuote({ path: { id }, body: { terms: "14 days net" }, throwOnError: true });
assert.deepEqual([changed.data.data.terms, changed.data.data.version], ["14 days net", 2]);

const refused = await createQuote({ body: { title: " " } });
assert.equal(refused.response?.status, 422);
assert(refused.error && "errors" in refused.error);
assert.deepEqual(refused.error.errors, { title: ["The title field is required."] });

await deleteQuote({ path: { id }, throwOnError: true });
await deleteToken({ throwOnError: true });
console.log("done");
