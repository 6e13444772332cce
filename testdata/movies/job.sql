-- The best films, by their users: movies.csv joined with ratings.parquet. Paths are relative to the working directory.
--
--   go run ./cmd/skep -f testdata/movies/job.sql

CREATE VIEW movies  AS SELECT * FROM 'testdata/movies/movies.csv';
CREATE VIEW ratings AS SELECT * FROM 'testdata/movies/ratings.parquet';

-- The average rating of each film.
CREATE TABLE film_ratings AS
SELECT m.id, m.name, m.category, m.year, count(*) AS ratings, round(avg(r.rating), 3) AS average
FROM movies m JOIN ratings r ON r.movie_id = m.id
GROUP BY m.id, m.name, m.category, m.year;

-- The ten best films of those that many people have rated.
SELECT name, year, category, ratings, average
FROM film_ratings
WHERE ratings >= 200
ORDER BY average DESC, name
LIMIT 10;

-- How well each category does, and its best film.
SELECT category, count(*) AS films, sum(ratings) AS ratings,
       round(sum(average * ratings) / sum(ratings), 3) AS average,
       max_by(name, average) AS best
FROM film_ratings
GROUP BY category
ORDER BY average DESC, category;

-- All films into a file, best first.
COPY (SELECT * FROM film_ratings ORDER BY average DESC, id) TO 'film_ratings.parquet';
