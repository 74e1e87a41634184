using System.Collections.Frozen;

namespace Parley.Knowledge.Readers;

/// <summary>Rows of a sheet or of a CSV file: pairs of question and answer become sections, anything else a table.</summary>
internal sealed class TableDocument(DocumentBuilder document, int level)
{
    private const int MaxRows = 200_000;
    private const int MaxColumns = 256;

    /// <summary>A table of more rows is several: one block must not be the whole document.</summary>
    private const int BlockRows = 500;

    private static readonly FrozenSet<string> Questions = Set(
        "question questions q faq frage fragen pregunta preguntas pergunta perguntas domanda domande vraag vragen întrebare întrebări вопрос вопросы питання pytanie "
        + "ερώτηση ερωτήσεις soru sorular câu-hỏi คำถาม 问题 問題 質問 질문 प्रश्न سؤال السؤال prompt query utterance");

    private static readonly FrozenSet<string> Answers = Set(
        "answer answers a response responses reply antwort antworten respuesta respuestas réponse réponses resposta respostas risposta risposte antwoord antwoorden "
        + "răspuns răspunsuri ответ ответы відповідь odpowiedź απάντηση απαντήσεις cevap cevaplar yanıt trả-lời câu-trả-lời คำตอบ 答案 回答 답변 उत्तर جواب الجواب إجابة الإجابة solution");

    // Words that mean a pair only beside each other.
    private static readonly FrozenSet<string> Titles = Set("title topic subject heading titel thema título titre titolo");

    private static readonly FrozenSet<string> Bodies = Set("body text content article description details inhalt contenido contenu contenuto");

    /// <exception cref="ReaderLimitException">There are too many rows.</exception>
    internal void Add(IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<string>? head = null;
        (int Question, int Answer)? pair = null;
        var (count, table) = (0, new List<IReadOnlyList<string>>());
        foreach (var row in rows)
        {
            if (row.All(string.IsNullOrWhiteSpace))
                continue;
            if (++count > MaxRows)
                throw new ReaderLimitException($"The table has more than {MaxRows} rows. Split it.");
            if (head is null)
            {
                head = [.. row.Take(MaxColumns)];
                pair = PairOf(head);
                continue;
            }
            if (pair is { } p)
                Say(row, p);
            else
                table.Add([.. row.Take(MaxColumns)]);
            if (table.Count == BlockRows)
                Flush(head, table);
        }
        if (pair is null && head is not null && (table.Count > 0 || count <= BlockRows))
            Flush(head, table);
    }

    /// <summary>Which columns hold questions and answers.</summary>
    internal static (int Question, int Answer)? PairOf(IReadOnlyList<string> head)
    {
        var names = head.Select(h => h.Trim().Trim('"', '*', ':', '?').ToLowerInvariant().Replace(' ', '-').Replace('_', '-')).ToList();
        foreach (var (first, second) in new[] { (Questions, Answers), (Titles, Bodies) })
        {
            var (question, answer) = (names.FindIndex(first.Contains), names.FindIndex(second.Contains));
            if (question >= 0 && answer >= 0)
                return (question, answer);
        }
        return null;
    }

    private void Say(IReadOnlyList<string> row, (int Question, int Answer) pair)
    {
        var question = TextNormal.OneLine(row.ElementAtOrDefault(pair.Question) ?? "");
        var answer = (row.ElementAtOrDefault(pair.Answer) ?? "").Trim();
        if (question.Length == 0 || answer.Length == 0)
            return;
        document.Heading(level, TextNormal.Truncate(question, DocumentTitle.MaxLength), null);
        foreach (var paragraph in answer.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            document.Text(paragraph.Trim());
    }

    private void Flush(IReadOnlyList<string> head, List<IReadOnlyList<string>> rows)
    {
        document.Add(BlockKind.Table, TableText.Units(head, rows, rows.Append(head).Max(r => r.Count)));
        rows.Clear();
    }

    private static FrozenSet<string> Set(string names) => names.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
