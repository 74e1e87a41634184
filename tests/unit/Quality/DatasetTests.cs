using Parley.Quality.Evaluation;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Quality;

public sealed class DatasetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("parley-dataset-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_whole_folder_is_read()
    {
        Write("corpus.jsonl", """{"id":"d1","title":"One","text":"first"}""", """{"id":"d2","text":"second"}""");
        Write("queries.jsonl",
            """{"id":"q1","text":"?","answers":["a","b"],"exclude":["d2"],"history":[{"speaker":"user","text":"x"},{"speaker":"agent","text":"y"}]}""",
            """{"id":"q2","text":"not judged"}""", "", """{"id":"q3","text":"!","answer":"c"}""");
        Write("qrels.tsv", "query-id\tcorpus-id\tscore", "q1\td1\t1", "q1\td2\t0", "q3\td2\t2");
        Write("queries_unanswerable.jsonl", """{"id":"u1","text":"off","type":"out-of-domain"}""");

        var data = Dataset.Load(_folder);
        data.Documents.Select(d => (d.Id, d.Title)).ShouldBe([("d1", "One"), ("d2", "")]);
        data.Questions.Select(q => q.Id).ShouldBe(["q1", "q3"]);
        var first = data.Questions[0];
        first.Answers.ShouldBe(["a", "b"]);
        first.Exclude.ShouldBe(["d2"]);
        first.Relevant.ShouldBe(["d1"]);
        first.History.ShouldBe([new DatasetTurn(true, "x"), new DatasetTurn(false, "y")]);
        data.Questions[1].Answers.ShouldBe(["c"]);
        data.Unanswerable.Single().Type.ShouldBe("out-of-domain");
    }

    [Theory]
    [InlineData("corpus.jsonl", "{\"id\":1,\"text\":\"x\"}", "corpus.jsonl, line 1: \"id\"")]
    [InlineData("corpus.jsonl", "{broken", "corpus.jsonl, line 1")]
    [InlineData("queries.jsonl", "[]", "queries.jsonl, line 1: \"id\"")]
    [InlineData("qrels.tsv", "header\nq1\td9\t1", "qrels.tsv, line 2: document d9")]
    [InlineData("qrels.tsv", "header\nq1 d1 1", "qrels.tsv, line 2: expected")]
    [InlineData("qrels.tsv", "header", "no question of queries.jsonl has a relevant document")]
    public void Bad_input_is_named_with_file_and_line(string file, string content, string complaint)
    {
        Write("corpus.jsonl", """{"id":"d1","text":"first"}""");
        Write("queries.jsonl", """{"id":"q1","text":"?"}""");
        Write("qrels.tsv", "header", "q1\td1\t1");
        Write(file, content);
        Should.Throw<InvalidDataException>(() => Dataset.Load(_folder)).Message.ShouldContain(complaint);
    }

    [Fact]
    public void A_folder_without_a_corpus_is_no_dataset() =>
        Should.Throw<InvalidDataException>(() => Dataset.Load(_folder)).Message.ShouldContain("it has no corpus.jsonl");

    private void Write(string file, params string[] lines) => File.WriteAllText(Path.Combine(_folder, file), string.Join('\n', lines) + "\n");
}
