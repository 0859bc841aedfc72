"""Stands in for a language model so that text-to-sql.yaml runs offline. Its questions are canned; a real model writes its own.

As models do, it now and then errs: a column that is not there, a join that loses rows, an average that only fits one database, a recursion without an end.
"""

import json

QUESTIONS = {  # a table of the database -> (question, query, another query; one of both is wrong where they disagree)
    "books": [
        ("Which books have more than one copy?", "SELECT title FROM books WHERE copies > 1", "SELECT title FROM books WHERE NOT copies <= 1"),
        (
            "How many books has each author written? Show authors without books too.",
            "SELECT a.id, a.name, count(b.id) FROM authors a LEFT JOIN books b ON b.author_id = a.id GROUP BY a.id, a.name",
            "SELECT id, name, (SELECT count(*) FROM books WHERE author_id = authors.id) FROM authors",
        ),
        (
            "List the titles from the newest to the oldest, those without a year last.",
            "SELECT title FROM books ORDER BY year DESC, id",
            "SELECT title FROM books ORDER BY year IS NULL, year DESC, id",
        ),
        (
            "Who has a book that is not returned?",
            "SELECT DISTINCT reader FROM loans WHERE returned IS NULL",
            "SELECT reader FROM loans GROUP BY reader HAVING count(*) > count(returned)",
        ),
        (
            "Which books were never lent?",
            "SELECT title FROM books WHERE id NOT IN (SELECT book_id FROM loans)",
            "SELECT b.title FROM books b LEFT JOIN loans l ON l.book_id = b.id WHERE l.book_id IS NULL",
        ),
        ("Which countries do the authors come from?", "SELECT DISTINCT country FROM author", "SELECT country FROM authors GROUP BY country"),
    ],
    "products": [
        ("What does the dearest product cost?", "SELECT max(price) FROM products", "SELECT price FROM products ORDER BY price DESC LIMIT 1"),
        (
            "What did each customer spend in all?",
            "SELECT o.customer, sum(l.amount * p.price) FROM orders o JOIN lines l ON l.order_id = o.id JOIN products p USING (sku) GROUP BY o.customer",
            "SELECT customer, sum(total) FROM (SELECT o.customer, p.price * l.amount AS total FROM products p JOIN lines l USING (sku) JOIN orders o ON o.id = l.order_id) GROUP BY 1",
        ),
        (
            "Which orders hold more than one product?",
            "SELECT order_id FROM lines GROUP BY order_id HAVING count(DISTINCT sku) > 1",
            "SELECT DISTINCT a.order_id FROM lines a JOIN lines b ON a.order_id = b.order_id AND a.sku < b.sku",
        ),
        (
            "How many orders has each customer placed, most first, then by name?",
            "SELECT customer, count(*) FROM orders GROUP BY customer ORDER BY count(*) DESC, customer",
            "SELECT customer, count(id) AS n FROM orders GROUP BY 1 ORDER BY n DESC, 1",
        ),
        (
            "How many orders are there in all, with those that hold nothing?",
            "SELECT count(DISTINCT order_id) FROM lines",
            "SELECT count(*) FROM orders",
        ),
        (
            "Which products cost less than the average product?",
            "SELECT name FROM products WHERE price < (SELECT avg(price) FROM products)",
            "SELECT p.name FROM products p, (SELECT avg(price) AS mean FROM products) m WHERE p.price < m.mean",
        ),
    ],
    "stations": [
        (
            "What is the mean rain at each station that has readings?",
            "SELECT s.name, avg(r.rain) FROM stations s JOIN readings r ON r.station_id = s.id GROUP BY s.id",
            "SELECT s.name, sum(r.rain) / count(r.rain) FROM readings r JOIN stations s ON s.id = r.station_id GROUP BY s.id, s.name",
        ),
        ("Which stations have no readings?", "SELECT name FROM stations WHERE id NOT IN (SELECT station_id FROM readings)", "SELECT name FROM stations s WHERE NOT EXISTS (SELECT 1 FROM readings WHERE station_id = s.id)"),
        ("On which days did it freeze somewhere?", "SELECT DISTINCT day FROM readings WHERE low < 0", "SELECT day FROM readings GROUP BY day HAVING min(low) < 0"),
        ("What was the widest range between low and high?", "SELECT max(high - low) FROM readings", "SELECT high - low AS span FROM readings ORDER BY span DESC LIMIT 1"),
        (
            "How many days lie between the first and the last reading?",
            "WITH RECURSIVE d(x) AS (SELECT min(day) FROM readings UNION ALL SELECT x FROM d) SELECT count(*) FROM d",
            "SELECT julianday(max(day)) - julianday(min(day)) FROM readings",
        ),
        ("How high is the station with the most rain on one day?", "SELECT height FROM stations WHERE id = (SELECT station_id FROM readings ORDER BY rain DESC, station_id LIMIT 1)", "SELECT s.height FROM stations s JOIN readings r ON r.station_id = s.id ORDER BY r.rain DESC, s.id LIMIT 1"),
    ],
}  # fmt: skip


def answer(request, which=1):
    asked = request.messages[-1]["content"]
    found = next(q for table, q in QUESTIONS.items() if f"CREATE TABLE {table} " in asked)
    if asked.startswith("Write 6 questions"):
        return json.dumps({"rows": [{"question": question} for question, _, _ in found]})
    return f"```sql\n{next(q for q in found if q[0] in asked)[which]};\n```"


def check(request):
    return answer(request, 2)
