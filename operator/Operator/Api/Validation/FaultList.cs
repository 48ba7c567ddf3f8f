using System.Text.RegularExpressions;

namespace PushPlatform.Operator.Api.Validation;

/// <summary>Gathers every fault of one resource; its checks are those of a schema, told in a person's words.</summary>
internal sealed class FaultList
{
    private readonly List<Fault> _faults = [];

    public IReadOnlyList<Fault> Faults => _faults;

    public void Add(string path, string message) => _faults.Add(new(path, message));

    /// <summary>Adds <paramref name="message"/> unless <paramref name="holds"/>.</summary>
    public void Require(bool holds, string path, string message)
    {
        if (!holds)
        {
            Add(path, message);
        }
    }

    /// <summary>An absent number is in range.</summary>
    public void Range(string path, double? value, double least, double most)
    {
        // Written so that NaN, which compares false with everything, is a fault.
        if (value is { } number && !(number >= least && number <= most))
        {
            Add(path, $"is {number:0.######}, but must be from {least:0.######} to {most:0.######}");
        }
    }

    /// <summary>An absent text is well. Lengths are in Unicode characters, as the API server counts them.</summary>
    public void Text(string path, string? value, int least, int most, Regex? form = null, string? formInWords = null)
    {
        if (value is null)
        {
            return;
        }
        int length = value.EnumerateRunes().Count();
        if (length < least || length > most)
        {
            Add(path, least == most ? $"has {length} characters, but must have {most}" : $"has {length} characters, but must have {least} to {most}");
        }
        else if (form is not null && !form.IsMatch(value))
        {
            Add(path, $"is '{value}', but must be {formInWords}");
        }
    }

    /// <summary>Checks the number of items and then each; an absent list is well.</summary>
    public void Items<T>(string path, IReadOnlyList<T>? items, int least, int most, Action<string, T>? each = null)
    {
        if (items is null)
        {
            return;
        }
        if (items.Count < least || items.Count > most)
        {
            Add(path, $"has {items.Count} items, but must have {least} to {most}");
            return;
        }
        for (int i = 0; i < items.Count && each is not null; i++)
        {
            each($"{path}[{i}]", items[i]);
        }
    }

    /// <summary>Checks the number of entries and then each value; an absent map is well.</summary>
    public void Entries<T>(string path, IReadOnlyDictionary<string, T>? entries, int most, Action<string, T> each)
    {
        if (entries is null)
        {
            return;
        }
        if (entries.Count > most)
        {
            Add(path, $"has {entries.Count} entries, but must have at most {most}");
            return;
        }
        foreach ((string name, T value) in entries)
        {
            each($"{path}.{name}", value);
        }
    }
}
