"""Drives LibreOffice as a person would: opens a file, types into cells, saves it.

    office.py fill SOURCE.xlsx TARGET.xlsx CELLS.json    [["C7", "text as typed"], ...] on the first sheet
    office.py shown SOURCE.xlsx TARGET.txt CELLS.json    what cells of the first sheet show, a line each: ["C7", ...]
    office.py text SOURCE TARGET.txt                     what a reader of a document sees

Ends with 0; with 3 if a cell is locked, which it names.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

START_SECONDS = 120


def option(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def connect(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        'com.sun.star.bridge.UnoUrlResolver', local)
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return resolver.resolve(f'uno:pipe,name={pipe};urp;StarOffice.ComponentContext')
        except NoConnectException:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def fill(document, cells):
    sheet = document.Sheets.getByIndex(0)
    for where, text in cells:
        cell = sheet.getCellRangeByName(where)
        if sheet.isProtected() and cell.CellProtection.IsLocked:
            print(f'{where} is locked', file=sys.stderr)
            return 3
        cell.FormulaLocal = text
    return 0


def shown(document, target, cells):
    sheet = document.Sheets.getByIndex(0)
    with open(target, 'w', encoding='utf-8') as file:
        for where in cells:
            file.write(sheet.getCellRangeByName(where).String + '\n')


def drive(context, command, source, target, rest):
    desktop = context.ServiceManager.createInstanceWithContext('com.sun.star.frame.Desktop', context)
    document = desktop.loadComponentFromURL(
        uno.systemPathToFileUrl(os.path.abspath(source)), '_blank', 0, (option('Hidden', True),))
    result = 0
    if command == 'shown':
        with open(rest[0], encoding='utf-8') as file:
            shown(document, target, json.load(file))
    else:
        if command == 'fill':
            with open(rest[0], encoding='utf-8') as file:
                result = fill(document, json.load(file))
            options = (option('FilterName', 'Calc MS Excel 2007 XML'),)
        else:
            options = (option('FilterName', 'Text (encoded)'), option('FilterOptions', 'UTF8,LF'))
        document.storeToURL(uno.systemPathToFileUrl(os.path.abspath(target)), options)
    document.close(True)
    try:
        desktop.terminate()
    except Exception:  # it is gone before it can answer
        pass
    return result


def main(command, source, target, *rest):
    with tempfile.TemporaryDirectory() as profile:
        pipe = f'chanyan-{os.getpid()}'
        office = subprocess.Popen(
            ['soffice', '--headless', '--norestore', '--nologo',
             f'-env:UserInstallation=file://{profile}/profile', f'--accept=pipe,name={pipe};urp;'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            result = drive(connect(pipe), command, source, target, rest)
            office.wait(timeout=60)
            return result
        finally:
            office.kill()
            office.wait()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
