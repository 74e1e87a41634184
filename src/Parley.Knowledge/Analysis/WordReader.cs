using System.Globalization;
using System.Text;

namespace Parley.Knowledge.Analysis;

/// <summary>
/// Reads the words of a text in their indexed form: marks stripped, lower case, a final 's dropped, apostrophes inside words removed.
/// A run of a spaceless script (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) is read as its overlapping pairs of characters.
/// </summary>
/// <remarks>
/// The same rules as the reference BM25 of the benchmark, with these deviations: pairs come in reading order instead of before all
/// words; vowel signs of Indic scripts belong to their word; final sigma, full-width ASCII and letters with a stroke fold to the plain
/// letter, ß, æ, œ to two; French and Italian elisions (l', d', dell') are dropped; soft hyphens and joiners too; three more spaceless
/// scripts are known; a word is cut after <see cref="MaxWordLength"/> letters. Words are never stop-filtered or stemmed here.
/// </remarks>
/// <param name="text">The text, NFC or NFD.</param>
/// <param name="buffer">At least <see cref="MaxWordLength"/> characters; <see cref="Word"/> lives in it until the next read.</param>
public ref struct WordReader(ReadOnlySpan<char> text, Span<char> buffer)
{
    /// <summary>Letters of a word beyond this are ignored: such "words" are hashes and encoded data.</summary>
    public const int MaxWordLength = 64;

    private readonly ReadOnlySpan<char> _text = text;
    private readonly Span<char> _buffer = buffer;
    private int _position;
    private int _length;

    /// <summary>The word in its indexed form, before stemming.</summary>
    public readonly ReadOnlySpan<char> Word => _buffer[.._length];

    /// <summary>Where the word starts in the text.</summary>
    public int Start { get; private set; }

    /// <summary>Where the word ends in the text (exclusive).</summary>
    public int End { get; private set; }

    /// <summary>The word is a pair (or a lone character) out of a run of a spaceless script.</summary>
    public bool IsPair { get; private set; }

    /// <summary>The pair is the last of its run.</summary>
    public bool EndsRun { get; private set; }

    /// <summary>Moves to the next word; false at the end of the text.</summary>
    public bool Read()
    {
        while (_position < _text.Length)
        {
            var form = FormAt(_position, out var width);
            if (form == CharacterForm.Spaceless)
                return ReadPair();
            if (form is not (CharacterForm.Separator or CharacterForm.Mark))
                return ReadWord();
            _position += width;
        }
        return false;
    }

    private bool ReadPair()
    {
        var continues = IsSpacelessAt(_position + 1);
        Start = _position;
        _buffer[0] = _text[_position];
        _length = 1;
        IsPair = true;
        if (continues)
            _buffer[_length++] = _text[_position + 1];
        End = _position + _length;
        EndsRun = !IsSpacelessAt(_position + 2) || !continues;
        _position = EndsRun ? End : _position + 1;
        return true;
    }

    private bool ReadWord()
    {
        Start = _position;
        _length = 0;
        IsPair = false;
        EndsRun = false;
        var apostrophe = -1;
        while (_position < _text.Length)
        {
            var form = FormAt(_position, out var width);
            if (form == CharacterForm.Separator)
            {
                if (_text[_position] is not ('\'' or '’') || !IsLetterAfter(_position + 1))
                    break;
                if (apostrophe < 0 && StopWords.IsElision(_buffer[.._length]))
                {
                    _length = 0;
                    Start = _position + 1;
                }
                apostrophe = _length;
            }
            else if (form == CharacterForm.Spaceless)
            {
                break;
            }
            else if (form != CharacterForm.Mark)
            {
                Append(form, width);
            }
            _position += width;
        }
        if (apostrophe > 0 && apostrophe == _length - 1 && _buffer[apostrophe] == 's')
            _length--;
        End = _position;
        return true;
    }

    private void Append(char form, int width)
    {
        if (_length + 2 > MaxWordLength)
            return;
        var expanded = CharacterForm.Expand(form);
        if (!expanded.IsEmpty)
        {
            expanded.CopyTo(_buffer[_length..]);
            _length += expanded.Length;
        }
        else if (width == 1)
        {
            _buffer[_length++] = form;
        }
        else
        {
            _length += Rune.ToLowerInvariant(new Rune(_text[_position], _text[_position + 1])).EncodeToUtf16(_buffer[_length..]);
        }
    }

    private readonly bool IsSpacelessAt(int position) => position < _text.Length && CharacterForm.IsSpaceless(_text[position]);

    /// <summary>An apostrophe belongs to a word only when a letter follows it, marks in between not counted.</summary>
    private readonly bool IsLetterAfter(int position)
    {
        while (position < _text.Length)
        {
            var form = FormAt(position, out var width);
            if (form != CharacterForm.Mark)
                return form is not (CharacterForm.Separator or CharacterForm.Spaceless);
            position += width;
        }
        return false;
    }

    private readonly char FormAt(int position, out int width)
    {
        var c = _text[position];
        width = 1;
        if (!char.IsSurrogate(c))
            return CharacterForm.Of(c);
        if (position + 1 >= _text.Length || !Rune.TryCreate(c, _text[position + 1], out var rune))
            return CharacterForm.Separator;
        width = 2;
        return Rune.IsLetter(rune) || Rune.IsNumber(rune) ? c
            : Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark ? CharacterForm.Mark
            : CharacterForm.Separator;
    }
}
