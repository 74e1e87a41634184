namespace Parley.Knowledge.Analysis;

/// <summary>
/// The words inside names such as <c>maxReplicas</c> and <c>DeploymentOverlapSeconds</c>: who asks for "max replicas" means them. Names of
/// products ("GitHub", "JavaScript") are words of their own.
/// </summary>
internal static class CamelCase
{
    /// <summary>The names' words, each name's joined by spaces, in reading order.</summary>
    internal static List<string> In(ReadOnlySpan<char> text)
    {
        var names = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            if (!char.IsAsciiLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }
            var end = i;
            var humps = 0;
            while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
            {
                humps += IsHump(text, i, end) ? 1 : 0;
                end++;
            }
            if (humps > 1 || (humps == 1 && char.IsAsciiLetterLower(text[i])))
                names.Add(Spaced(text[i..end]));
            i = end;
        }
        return names;
    }

    private static bool IsHump(ReadOnlySpan<char> text, int start, int i) => i > start && char.IsAsciiLetterUpper(text[i]) && char.IsAsciiLetterLower(text[i - 1]);

    private static string Spaced(ReadOnlySpan<char> name)
    {
        var spaced = new System.Text.StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (IsHump(name, 0, i))
                spaced.Append(' ');
            spaced.Append(name[i]);
        }
        return spaced.ToString();
    }
}
